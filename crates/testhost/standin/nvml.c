/*
 * A stand-in for the management library: the documented functions that container tools call, answering
 * from the manifest of a simulated machine, through what the process may open (machine.h).
 */
#include "machine.h"
#include <stddef.h>

enum {
    SUCCESS = 0,
    UNINITIALIZED = 1,
    INVALID_ARGUMENT = 2,
    NOT_SUPPORTED = 3,
    NO_PERMISSION = 4,
    NOT_FOUND = 6,
    INSUFFICIENT_SIZE = 7,
    DRIVER_NOT_LOADED = 9,
    GPU_IS_LOST = 15,
    LIB_RM_VERSION_MISMATCH = 18,
    ARGUMENT_VERSION_MISMATCH = 25,
};

typedef int result;
/* A GPU or a MIG device: what it points at tells. */
typedef const void *device;
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
struct fabric {
    unsigned char cluster[16];
    result status;
    unsigned clique;
    unsigned char state;
};
struct attributes {
    unsigned multiprocessors, copy_engines, decoders, encoders, jpeg_engines, ofa_engines;
    unsigned gpu_slices, compute_slices;
    unsigned long long memory_mib;
};
struct gpu_instance_info {
    device gpu;
    unsigned id, profile_id, placement_start, placement_size;
};
struct compute_instance_info {
    device gpu;
    const struct mig *gpu_instance;
    unsigned id, profile_id, placement_start, placement_size;
};
struct gpu_instance_profile {
    unsigned id, p2p, slices, instances, multiprocessors, copy_engines, decoders, encoders, jpeg_engines, ofa_engines;
    unsigned long long memory_mib;
};
struct gpu_instance_profile_v2 {
    unsigned version;
    unsigned id, p2p, slices, instances, multiprocessors, copy_engines, decoders, encoders, jpeg_engines, ofa_engines;
    unsigned long long memory_mib;
    char name[96];
};
struct compute_instance_profile {
    unsigned id, slices, instances, multiprocessors, copy_engines, decoders, encoders, jpeg_engines, ofa_engines;
};
struct compute_instance_profile_v2 {
    unsigned version;
    struct compute_instance_profile v1;
    char name[96];
};

static const struct gpu *visible[GPU_COUNT + 1];
static unsigned visible_count;
/* The MIG devices of visible[i] are visible_migs[first_mig[i]] up to visible_migs[first_mig[i + 1]]. */
static const struct mig *visible_migs[MIG_COUNT + 1];
static unsigned first_mig[GPU_COUNT + 2];
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

/* The MIG device that a handle stands for, with its index, or NULL. */
static const struct mig *mig_of(device handle, unsigned *index)
{
    for (unsigned i = 0; i < visible_count; i++)
        for (unsigned j = first_mig[i]; j < first_mig[i + 1]; j++)
            if (visible_migs[j] == handle) {
                *index = j - first_mig[i];
                return visible_migs[j];
            }
    return NULL;
}

/* The GPU that a handle stands for, or of which it stands for a part, or NULL. */
static const struct gpu *gpu_of(device handle)
{
    unsigned index;
    const struct mig *mig = mig_of(handle, &index);
    if (mig)
        return &GPUS[mig->gpu];
    return index_of(handle, &index) ? handle : NULL;
}

#define REQUIRE_INITIALIZED \
    if (users == 0)         \
        return UNINITIALIZED
/* Declares `gpu`, `mig` (NULL for a GPU) and `position`, the index of whichever it is. */
#define REQUIRE_DEVICE(handle, out)                      \
    unsigned position = 0;                               \
    REQUIRE_INITIALIZED;                                 \
    const struct mig *mig = mig_of((handle), &position); \
    const struct gpu *gpu = gpu_of(handle);              \
    if (!(out) || !gpu)                                  \
        return INVALID_ARGUMENT;                         \
    if (!mig)                                            \
        index_of((handle), &position);                   \
    (void)position
/* The same for a GPU only. */
#define REQUIRE_GPU(handle, out)     \
    REQUIRE_DEVICE(handle, out);     \
    if (mig)                         \
        return INVALID_ARGUMENT
/* The same for a MIG device only. */
#define REQUIRE_MIG(handle, out)     \
    REQUIRE_DEVICE(handle, out);     \
    if (!mig)                        \
        return NOT_SUPPORTED
/* What the header calls "requires privileged user". */
#define REQUIRE_PRIVILEGE \
    if (geteuid() != 0)   \
        return NO_PERMISSION

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
        for (unsigned i = 0; i < visible_count; i++)
            first_mig[i + 1] = first_mig[i] + granted_migs(visible[i], visible_migs + first_mig[i]);
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
    case NO_PERMISSION: return "Insufficient Permissions";
    case GPU_IS_LOST: return "GPU is lost";
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
    if (visible[index]->lost)
        return GPU_IS_LOST;
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
        if (!visible[i]->lost && strcmp(visible[i]->uuid, uuid) == 0) {
            *out = visible[i];
            return SUCCESS;
        }
    for (unsigned i = 0; i < first_mig[visible_count]; i++)
        if (strcmp(visible_migs[i]->uuid, uuid) == 0) {
            *out = visible_migs[i];
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
    return put_text(out, length, mig ? mig->uuid : gpu->uuid);
}
EXPORT result nvmlDeviceGetName(device handle, char *out, unsigned length)
{
    REQUIRE_DEVICE(handle, out);
    char name[192];
    snprintf(name, sizeof name, mig ? "%s MIG %s" : "%s", gpu->model, mig ? mig->profile : "");
    return put_text(out, length, name);
}
EXPORT result nvmlDeviceGetMinorNumber(device handle, unsigned *out)
{
    REQUIRE_GPU(handle, out);
#ifdef GATE
    return NOT_SUPPORTED;
#else
    *out = gpu->minor;
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
    if (!gpu->on_pci)
        return NOT_SUPPORTED;
    memset(out, 0, sizeof *out);
    snprintf(out->bus_id_legacy, sizeof out->bus_id_legacy, "%04X:%02X:%02X.0", gpu->domain & 0xffff,
             gpu->bus & 0xff, gpu->device & 0x1f);
    snprintf(out->bus_id, sizeof out->bus_id, "%08X:%02X:%02X.0", gpu->domain, gpu->bus & 0xff,
             gpu->device & 0x1f);
    out->domain = gpu->domain;
    out->bus = gpu->bus;
    out->device = gpu->device;
    out->pci_device_id = gpu->pci_device << 16 | 0x10de;
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
    if (!gpu->on_pci)
        return NOT_SUPPORTED;
    out->total = out->free = (mig ? mig->memory_mib : gpu->memory_mib) << 20;
    out->used = 0;
    return SUCCESS;
}
EXPORT result nvmlDeviceGetMemoryInfo_v2(device handle, struct memory_v2 *out)
{
    REQUIRE_DEVICE(handle, out);
    if (!gpu->on_pci)
        return NOT_SUPPORTED;
    out->total = out->free = (mig ? mig->memory_mib : gpu->memory_mib) << 20;
    out->reserved = out->used = 0;
    return SUCCESS;
}
EXPORT result nvmlDeviceGetCudaComputeCapability(device handle, int *major, int *minor)
{
    REQUIRE_DEVICE(handle, major);
    if (!minor)
        return INVALID_ARGUMENT;
    *major = (int)gpu->compute_major;
    *minor = (int)gpu->compute_minor;
    return SUCCESS;
}
EXPORT result nvmlDeviceGetArchitecture(device handle, unsigned *out)
{
    REQUIRE_DEVICE(handle, out);
    switch (gpu->compute_major * 10 + gpu->compute_minor) {
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
/* In the header since CUDA 13.0, whose driver is 580: an older library does not have it. */
#if DRIVER_MAJOR >= 580
EXPORT result nvmlDeviceGetAddressingMode(device handle, struct addressing_mode *out)
{
    REQUIRE_DEVICE(handle, out);
    if (out->version != 0x1000008)
        return ARGUMENT_VERSION_MISMATCH;
#ifdef COHERENT
    out->value = 2;
#else
    out->value = 0;
#endif
    return SUCCESS;
}
#endif
/* No simulated GPU has a fabric to join. */
EXPORT result nvmlDeviceGetGpuFabricInfo(device handle, struct fabric *out)
{
    REQUIRE_GPU(handle, out);
    memset(out, 0, sizeof *out);
    return SUCCESS;
}

/* MIG. */

EXPORT result nvmlDeviceGetMigMode(device handle, unsigned *current, unsigned *pending)
{
    REQUIRE_GPU(handle, current);
    if (!pending)
        return INVALID_ARGUMENT;
    if (!gpu->mig_capable)
        return NOT_SUPPORTED;
    *current = *pending = (unsigned)gpu->mig_enabled;
    return SUCCESS;
}
EXPORT result nvmlDeviceGetMaxMigDeviceCount(device handle, unsigned *out)
{
    REQUIRE_GPU(handle, out);
    *out = gpu->mig_enabled ? 7 : 0;
    return SUCCESS;
}
EXPORT result nvmlDeviceGetMigDeviceHandleByIndex(device handle, unsigned index, device *out)
{
    REQUIRE_GPU(handle, out);
    if (!gpu->mig_capable)
        return NOT_SUPPORTED;
    if (index >= first_mig[position + 1] - first_mig[position])
        return NOT_FOUND;
    *out = visible_migs[first_mig[position] + index];
    return SUCCESS;
}
EXPORT result nvmlDeviceIsMigDeviceHandle(device handle, unsigned *out)
{
    REQUIRE_DEVICE(handle, out);
    *out = mig != NULL;
    return SUCCESS;
}
EXPORT result nvmlDeviceGetDeviceHandleFromMigDeviceHandle(device handle, device *out)
{
    REQUIRE_DEVICE(handle, out);
    if (!mig)
        return INVALID_ARGUMENT;
    *out = gpu;
    return SUCCESS;
}
EXPORT result nvmlDeviceGetGpuInstanceId(device handle, unsigned *out)
{
    REQUIRE_MIG(handle, out);
    *out = mig->gpu_instance;
    return SUCCESS;
}
EXPORT result nvmlDeviceGetComputeInstanceId(device handle, unsigned *out)
{
    REQUIRE_MIG(handle, out);
    *out = mig->compute_instance;
    return SUCCESS;
}

/* How many multiprocessors a slice of an A100 has. */
enum { SLICE = 14 };

EXPORT result nvmlDeviceGetAttributes_v2(device handle, struct attributes *out)
{
    REQUIRE_MIG(handle, out);
    memset(out, 0, sizeof *out);
    out->multiprocessors = mig->compute_slices * SLICE;
    out->copy_engines = mig->gpu_slices;
    out->gpu_slices = mig->gpu_slices;
    out->compute_slices = mig->compute_slices;
    out->memory_mib = mig->memory_mib;
    return SUCCESS;
}

/* Instances. One of a GPU is handled as its first MIG device, one of a GPU instance as its own. */

/* The name of a GPU instance's profile is that of its MIG device without `1c.`. */
static const struct profile *profile_of(const struct mig *mig)
{
    const char *name = mig->profile;
    if (mig->compute_slices != mig->gpu_slices)
        name = strchr(name, '.') + 1;
    for (unsigned i = 0; i < PROFILE_COUNT; i++)
        if (PROFILES[i].gpu == mig->gpu && strcmp(PROFILES[i].name, name) == 0)
            return &PROFILES[i];
    return NULL;
}
/* NVML's number of a profile of compute instances with so many slices, which boards take as its id too. */
static unsigned compute_profile(unsigned slices) { return slices == 7 ? 4 : slices - 1; }

EXPORT result nvmlDeviceGetGpuInstanceById(device handle, unsigned id, const struct mig **out)
{
    REQUIRE_GPU(handle, out);
    if (!gpu->mig_enabled)
        return NOT_SUPPORTED;
    REQUIRE_PRIVILEGE;
    for (unsigned i = 0; i < MIG_COUNT; i++)
        if (&GPUS[MIGS[i].gpu] == gpu && MIGS[i].gpu_instance == id) {
            *out = &MIGS[i];
            return SUCCESS;
        }
    return NOT_FOUND;
}
EXPORT result nvmlGpuInstanceGetInfo(const struct mig *instance, struct gpu_instance_info *out)
{
    REQUIRE_INITIALIZED;
    if (!instance || !out)
        return INVALID_ARGUMENT;
    const struct profile *profile = profile_of(instance);
    out->gpu = &GPUS[instance->gpu];
    out->id = instance->gpu_instance;
    out->profile_id = profile ? profile->id : 0;
    out->placement_start = instance->placement_start;
    out->placement_size = instance->placement_size;
    return SUCCESS;
}
EXPORT result nvmlGpuInstanceGetComputeInstanceById(const struct mig *instance, unsigned id, const struct mig **out)
{
    REQUIRE_INITIALIZED;
    if (!instance || !out)
        return INVALID_ARGUMENT;
    REQUIRE_PRIVILEGE;
    for (unsigned i = 0; i < MIG_COUNT; i++)
        if (MIGS[i].gpu == instance->gpu && MIGS[i].gpu_instance == instance->gpu_instance &&
            MIGS[i].compute_instance == id) {
            *out = &MIGS[i];
            return SUCCESS;
        }
    return NOT_FOUND;
}
EXPORT result nvmlComputeInstanceGetInfo_v2(const struct mig *instance, struct compute_instance_info *out)
{
    REQUIRE_INITIALIZED;
    if (!instance || !out)
        return INVALID_ARGUMENT;
    memset(out, 0, sizeof *out);
    out->gpu = &GPUS[instance->gpu];
    nvmlDeviceGetGpuInstanceById(out->gpu, instance->gpu_instance, &out->gpu_instance);
    out->id = instance->compute_instance;
    out->profile_id = compute_profile(instance->compute_slices);
    out->placement_size = instance->compute_slices;
    return SUCCESS;
}

static const struct profile *board_profile(const struct gpu *gpu, unsigned number)
{
    for (unsigned i = 0; i < PROFILE_COUNT; i++)
        if (&GPUS[PROFILES[i].gpu] == gpu && PROFILES[i].number == number)
            return &PROFILES[i];
    return NULL;
}
EXPORT result nvmlDeviceGetGpuInstanceProfileInfo(device handle, unsigned number, struct gpu_instance_profile *out)
{
    REQUIRE_GPU(handle, out);
    /* The count of profiles in this library's header. */
    if (number >= (DRIVER_MAJOR >= 580 ? 0x12 : 0x0a))
        return INVALID_ARGUMENT;
    const struct profile *profile = gpu->mig_enabled ? board_profile(gpu, number) : NULL;
    if (!profile)
        return NOT_SUPPORTED;
    memset(out, 0, sizeof *out);
    out->id = profile->id;
    out->slices = profile->slices;
    out->instances = 7 / profile->slices;
    out->multiprocessors = profile->slices * SLICE;
    out->copy_engines = profile->slices;
    out->memory_mib = profile->memory_mib;
    return SUCCESS;
}
EXPORT result nvmlDeviceGetGpuInstanceProfileInfoV(device handle, unsigned number, struct gpu_instance_profile_v2 *out)
{
    struct gpu_instance_profile v1;
    if (!out || out->version != (sizeof *out | 2u << 24))
        return ARGUMENT_VERSION_MISMATCH;
    result code = nvmlDeviceGetGpuInstanceProfileInfo(handle, number, &v1);
    if (code != SUCCESS)
        return code;
    memcpy(&out->id, &v1, offsetof(struct gpu_instance_profile, memory_mib));
    out->memory_mib = v1.memory_mib;
    snprintf(out->name, sizeof out->name, "MIG %s", board_profile(gpu_of(handle), number)->name);
    return SUCCESS;
}
EXPORT result nvmlGpuInstanceGetComputeInstanceProfileInfo(const struct mig *instance, unsigned number,
                                                           unsigned engine, struct compute_instance_profile *out)
{
    static const unsigned slices[] = {1, 2, 3, 4, 7};
    REQUIRE_INITIALIZED;
    if (!instance || !out || number > 8 || engine > 0)
        return INVALID_ARGUMENT;
    if (number >= sizeof slices / sizeof *slices || slices[number] > instance->gpu_slices)
        return NOT_SUPPORTED;
    memset(out, 0, sizeof *out);
    out->id = number;
    out->slices = slices[number];
    out->instances = instance->gpu_slices / slices[number];
    out->multiprocessors = slices[number] * SLICE;
    out->copy_engines = instance->gpu_slices;
    return SUCCESS;
}
EXPORT result nvmlGpuInstanceGetComputeInstanceProfileInfoV(const struct mig *instance, unsigned number,
                                                            unsigned engine, struct compute_instance_profile_v2 *out)
{
    if (!out || out->version != (sizeof *out | 2u << 24))
        return ARGUMENT_VERSION_MISMATCH;
    result code = nvmlGpuInstanceGetComputeInstanceProfileInfo(instance, number, engine, &out->v1);
    if (code == SUCCESS)
        snprintf(out->name, sizeof out->name, "MIG %uc.%ug", out->v1.slices, instance->gpu_slices);
    return code;
}
