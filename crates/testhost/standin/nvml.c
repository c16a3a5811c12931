/*
 * A stand-in for the management library: the documented functions that container tools call, answering
 * from the manifest of a simulated machine, through what the process may open (machine.h).
 */
#include "machine.h"

enum {
    SUCCESS = 0,
    UNINITIALIZED = 1,
    INVALID_ARGUMENT = 2,
    NOT_SUPPORTED = 3,
    NOT_FOUND = 6,
    INSUFFICIENT_SIZE = 7,
    DRIVER_NOT_LOADED = 9,
    LIB_RM_VERSION_MISMATCH = 18,
};

typedef int result;
typedef const struct gpu *device;
#define EXPORT __attribute__((visibility("default")))

/* Layouts are the binary interface: order and width of the fields is all that counts. */
struct pci_info {
    char bus_id_legacy[16];
    unsigned domain, bus, device, pci_device_id, pci_subsystem_id;
    char bus_id[32];
};
struct memory {
    unsigned long long total, free, used;
};
struct memory_v2 {
    unsigned version;
    unsigned long long total, reserved, free, used;
};
struct addressing_mode {
    unsigned version, value;
};

static const struct gpu *visible[GPU_COUNT + 1];
static unsigned visible_count;
static unsigned users;

static int index_of(device handle, unsigned *index)
{
    for (unsigned i = 0; i < visible_count; i++)
        if (visible[i] == handle) {
            *index = i;
            return 1;
        }
    return 0;
}

#define REQUIRE_INITIALIZED \
    if (users == 0)         \
        return UNINITIALIZED
#define REQUIRE_DEVICE(handle, out)                  \
    unsigned position;                               \
    REQUIRE_INITIALIZED;                             \
    if (!(out) || !index_of((handle), &position))    \
        return INVALID_ARGUMENT;                     \
    (void)position

static result put_text(char *out, unsigned length, const char *text)
{
    if (!out)
        return INVALID_ARGUMENT;
    if (strlen(text) + 1 > length)
        return INSUFFICIENT_SIZE;
    strcpy(out, text);
    return SUCCESS;
}

/* Life cycle. */

EXPORT result nvmlInitWithFlags(unsigned flags)
{
    (void)flags;
    if (users == 0) {
        if (!control_granted())
            return DRIVER_NOT_LOADED;
        if (!module_matches())
            return LIB_RM_VERSION_MISMATCH;
        visible_count = granted_gpus(visible);
    }
    users++;
    return SUCCESS;
}
EXPORT result nvmlInit_v2(void) { return nvmlInitWithFlags(0); }
EXPORT result nvmlInit(void) { return nvmlInitWithFlags(0); }

EXPORT result nvmlShutdown(void)
{
    REQUIRE_INITIALIZED;
    users--;
    return SUCCESS;
}

EXPORT const char *nvmlErrorString(result code)
{
    switch (code) {
    case SUCCESS: return "Success";
    case UNINITIALIZED: return "Uninitialized";
    case INVALID_ARGUMENT: return "Invalid Argument";
    case NOT_SUPPORTED: return "Not Supported";
    case NOT_FOUND: return "Not Found";
    case INSUFFICIENT_SIZE: return "Insufficient Size";
    case DRIVER_NOT_LOADED: return "Driver Not Loaded";
    case LIB_RM_VERSION_MISMATCH: return "Driver/library version mismatch";
    default: return "Unknown Error";
    }
}

/* The system. */

EXPORT result nvmlSystemGetDriverVersion(char *out, unsigned length)
{
    REQUIRE_INITIALIZED;
    return put_text(out, length, DRIVER_VERSION);
}
EXPORT result nvmlSystemGetNVMLVersion(char *out, unsigned length)
{
    REQUIRE_INITIALIZED;
    return put_text(out, length, NVML_VERSION);
}
EXPORT result nvmlSystemGetCudaDriverVersion(int *out)
{
    REQUIRE_INITIALIZED;
    if (!out)
        return INVALID_ARGUMENT;
    *out = CUDA_VERSION;
    return SUCCESS;
}
EXPORT result nvmlSystemGetCudaDriverVersion_v2(int *out) { return nvmlSystemGetCudaDriverVersion(out); }

/* Finding devices. */

EXPORT result nvmlDeviceGetCount_v2(unsigned *out)
{
    REQUIRE_INITIALIZED;
    if (!out)
        return INVALID_ARGUMENT;
    *out = visible_count;
    return SUCCESS;
}
EXPORT result nvmlDeviceGetCount(unsigned *out) { return nvmlDeviceGetCount_v2(out); }

EXPORT result nvmlDeviceGetHandleByIndex_v2(unsigned index, device *out)
{
    REQUIRE_INITIALIZED;
    if (!out || index >= visible_count)
        return INVALID_ARGUMENT;
    *out = visible[index];
    return SUCCESS;
}
EXPORT result nvmlDeviceGetHandleByIndex(unsigned index, device *out)
{
    return nvmlDeviceGetHandleByIndex_v2(index, out);
}

EXPORT result nvmlDeviceGetHandleByUUID(const char *uuid, device *out)
{
    REQUIRE_INITIALIZED;
    if (!uuid || !out)
        return INVALID_ARGUMENT;
    for (unsigned i = 0; i < visible_count; i++)
        if (strcmp(visible[i]->uuid, uuid) == 0) {
            *out = visible[i];
            return SUCCESS;
        }
    return NOT_FOUND;
}

EXPORT result nvmlDeviceGetHandleByPciBusId_v2(const char *text, device *out)
{
    unsigned domain, bus, slot;
    REQUIRE_INITIALIZED;
    if (!text || !out)
        return INVALID_ARGUMENT;
    /* Both the long and the short form of the domain are accepted. sscanf would pull in a symbol that
       only new C libraries have, so the numbers are read by hand. */
    unsigned *parts[] = {&domain, &bus, &slot};
    for (int i = 0; i < 3; i++) {
        unsigned value = 0;
        int digits = 0;
        for (;; text++, digits++) {
            char c = *text;
            unsigned digit;
            if (c >= '0' && c <= '9')
                digit = (unsigned)(c - '0');
            else if ((c | 32) >= 'a' && (c | 32) <= 'f')
                digit = (unsigned)((c | 32) - 'a') + 10;
            else
                break;
            value = value * 16 + digit;
        }
        if (digits == 0 || digits > 8 || (i < 2 && *text != ':'))
            return INVALID_ARGUMENT;
        *parts[i] = value;
        if (i < 2)
            text++;
    }
    for (unsigned i = 0; i < visible_count; i++)
        if (visible[i]->on_pci && visible[i]->domain == domain && visible[i]->bus == bus && visible[i]->device == slot) {
            *out = visible[i];
            return SUCCESS;
        }
    return NOT_FOUND;
}
EXPORT result nvmlDeviceGetHandleByPciBusId(const char *text, device *out)
{
    return nvmlDeviceGetHandleByPciBusId_v2(text, out);
}

/* What a device is. */

EXPORT result nvmlDeviceGetUUID(device handle, char *out, unsigned length)
{
    REQUIRE_DEVICE(handle, out);
    return put_text(out, length, handle->uuid);
}
EXPORT result nvmlDeviceGetName(device handle, char *out, unsigned length)
{
    REQUIRE_DEVICE(handle, out);
    return put_text(out, length, handle->model);
}
EXPORT result nvmlDeviceGetMinorNumber(device handle, unsigned *out)
{
    REQUIRE_DEVICE(handle, out);
#ifdef GATE
    return NOT_SUPPORTED;
#else
    *out = handle->minor;
    return SUCCESS;
#endif
}
EXPORT result nvmlDeviceGetIndex(device handle, unsigned *out)
{
    REQUIRE_DEVICE(handle, out);
    *out = position;
    return SUCCESS;
}

EXPORT result nvmlDeviceGetPciInfo_v3(device handle, struct pci_info *out)
{
    REQUIRE_DEVICE(handle, out);
    if (!handle->on_pci)
        return NOT_SUPPORTED;
    memset(out, 0, sizeof *out);
    snprintf(out->bus_id_legacy, sizeof out->bus_id_legacy, "%04X:%02X:%02X.0", handle->domain & 0xffff,
             handle->bus & 0xff, handle->device & 0x1f);
    snprintf(out->bus_id, sizeof out->bus_id, "%08X:%02X:%02X.0", handle->domain, handle->bus & 0xff,
             handle->device & 0x1f);
    out->domain = handle->domain;
    out->bus = handle->bus;
    out->device = handle->device;
    out->pci_device_id = handle->pci_device << 16 | 0x10de;
    out->pci_subsystem_id = 0x000010de;
    return SUCCESS;
}
EXPORT result nvmlDeviceGetPciInfo_v2(device handle, struct pci_info *out)
{
    return nvmlDeviceGetPciInfo_v3(handle, out);
}
EXPORT result nvmlDeviceGetPciInfo(device handle, struct pci_info *out)
{
    return nvmlDeviceGetPciInfo_v3(handle, out);
}

/* A GPU that shares the processor's memory has none to report. */
EXPORT result nvmlDeviceGetMemoryInfo(device handle, struct memory *out)
{
    REQUIRE_DEVICE(handle, out);
    if (!handle->on_pci)
        return NOT_SUPPORTED;
    out->total = out->free = handle->memory_mib << 20;
    out->used = 0;
    return SUCCESS;
}
EXPORT result nvmlDeviceGetMemoryInfo_v2(device handle, struct memory_v2 *out)
{
    REQUIRE_DEVICE(handle, out);
    if (!handle->on_pci)
        return NOT_SUPPORTED;
    out->total = out->free = handle->memory_mib << 20;
    out->reserved = out->used = 0;
    return SUCCESS;
}
EXPORT result nvmlDeviceGetCudaComputeCapability(device handle, int *major, int *minor)
{
    REQUIRE_DEVICE(handle, major);
    if (!minor)
        return INVALID_ARGUMENT;
    *major = (int)handle->compute_major;
    *minor = (int)handle->compute_minor;
    return SUCCESS;
}
EXPORT result nvmlDeviceGetArchitecture(device handle, unsigned *out)
{
    REQUIRE_DEVICE(handle, out);
    switch (handle->compute_major * 10 + handle->compute_minor) {
    case 70: *out = 5; break;
    case 75: *out = 6; break;
    case 80:
    case 86:
    case 87: *out = 7; break;
    case 89: *out = 8; break;
    case 90: *out = 9; break;
    default: *out = 10; break;
    }
    return SUCCESS;
}
/* 14 is the brand "NVIDIA" that boards for data centres have had since driver 450. */
EXPORT result nvmlDeviceGetBrand(device handle, unsigned *out)
{
    REQUIRE_DEVICE(handle, out);
    *out = 14;
    return SUCCESS;
}
EXPORT result nvmlDeviceGetPersistenceMode(device handle, unsigned *out)
{
    REQUIRE_DEVICE(handle, out);
    *out = 1;
    return SUCCESS;
}
EXPORT result nvmlDeviceGetAddressingMode(device handle, struct addressing_mode *out)
{
    REQUIRE_DEVICE(handle, out);
    out->value = 0;
    return SUCCESS;
}

/* MIG: a board either cannot, or could and does not. No simulated machine has it switched on. */

EXPORT result nvmlDeviceGetMigMode(device handle, unsigned *current, unsigned *pending)
{
    REQUIRE_DEVICE(handle, current);
    if (!pending)
        return INVALID_ARGUMENT;
    if (!handle->mig_capable)
        return NOT_SUPPORTED;
    *current = *pending = 0;
    return SUCCESS;
}
EXPORT result nvmlDeviceGetMaxMigDeviceCount(device handle, unsigned *out)
{
    REQUIRE_DEVICE(handle, out);
    if (!handle->mig_capable)
        return NOT_SUPPORTED;
    *out = 7;
    return SUCCESS;
}
EXPORT result nvmlDeviceGetMigDeviceHandleByIndex(device handle, unsigned index, device *out)
{
    REQUIRE_DEVICE(handle, out);
    (void)index;
    return handle->mig_capable ? NOT_FOUND : NOT_SUPPORTED;
}
EXPORT result nvmlDeviceIsMigDeviceHandle(device handle, unsigned *out)
{
    REQUIRE_DEVICE(handle, out);
    *out = 0;
    return SUCCESS;
}
EXPORT result nvmlDeviceGetDeviceHandleFromMigDeviceHandle(device handle, device *out)
{
    REQUIRE_DEVICE(handle, out);
    return INVALID_ARGUMENT;
}

#define WITHOUT_MIG(name, ...) \
    EXPORT result name(__VA_ARGS__) \
    {                               \
        REQUIRE_INITIALIZED;        \
        return NOT_SUPPORTED;       \
    }
WITHOUT_MIG(nvmlDeviceGetGpuInstanceId, device handle, unsigned *out)
WITHOUT_MIG(nvmlDeviceGetComputeInstanceId, device handle, unsigned *out)
WITHOUT_MIG(nvmlDeviceGetAttributes, device handle, void *out)
WITHOUT_MIG(nvmlDeviceGetAttributes_v2, device handle, void *out)
WITHOUT_MIG(nvmlDeviceGetGpuInstanceById, device handle, unsigned id, void *out)
WITHOUT_MIG(nvmlGpuInstanceGetComputeInstanceById, void *instance, unsigned id, void *out)
WITHOUT_MIG(nvmlGpuInstanceGetInfo, void *instance, void *out)
WITHOUT_MIG(nvmlComputeInstanceGetInfo, void *instance, void *out)
WITHOUT_MIG(nvmlComputeInstanceGetInfo_v2, void *instance, void *out)
WITHOUT_MIG(nvmlDeviceGetGpuInstanceProfileInfo, device handle, unsigned profile, void *out)
WITHOUT_MIG(nvmlDeviceGetGpuInstanceProfileInfoV, device handle, unsigned profile, void *out)
WITHOUT_MIG(nvmlGpuInstanceGetComputeInstanceProfileInfo, void *instance, unsigned profile, unsigned engine, void *out)
WITHOUT_MIG(nvmlGpuInstanceGetComputeInstanceProfileInfoV, void *instance, unsigned profile, unsigned engine, void *out)
