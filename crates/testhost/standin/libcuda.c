/*
 * A stand-in for the CUDA driver library: enough to say whether a program in a container would find its
 * GPUs. It computes nothing.
 */
#include "machine.h"

enum {
    SUCCESS = 0,
    INVALID_VALUE = 1,
    NOT_INITIALIZED = 3,
    NO_DEVICE = 100,
    INVALID_DEVICE = 101,
    SYSTEM_DRIVER_MISMATCH = 803,
    UNKNOWN = 999,
};
enum { ATTRIBUTE_COMPUTE_MAJOR = 75, ATTRIBUTE_COMPUTE_MINOR = 76 };

#define EXPORT __attribute__((visibility("default")))

static const struct gpu *visible[GPU_COUNT + 1];
static unsigned visible_count;
/* The MIG device that the only visible GPU is reduced to, or NULL. */
static const struct mig *part;
static int initialized;

/* CUDA uses one MIG device at most, the first, and then no whole GPU; and no GPU that is in MIG mode. */
static unsigned visible_devices(void)
{
    const struct gpu *granted[GPU_COUNT + 1];
    const struct mig *parts[MIG_COUNT + 1];
    unsigned count = granted_gpus(granted), whole = 0;
    for (unsigned i = 0; i < count; i++) {
        if (granted_migs(granted[i], parts) > 0) {
            part = parts[0];
            visible[0] = granted[i];
            return 1;
        }
        if (!granted[i]->mig_enabled && !granted[i]->lost)
            visible[whole++] = granted[i];
    }
    return whole;
}

EXPORT int cuInit(unsigned flags)
{
    if (flags != 0)
        return INVALID_VALUE;
    if (!control_granted())
        return NO_DEVICE;
    if (!module_matches())
        return SYSTEM_DRIVER_MISMATCH;
    visible_count = visible_devices();
    if (visible_count == 0)
        return NO_DEVICE;
    /* Without its memory driver, CUDA fails for a reason that it cannot name. */
    if (!memory_driver_granted())
        return UNKNOWN;
    initialized = 1;
    return SUCCESS;
}

EXPORT int cuDriverGetVersion(int *out)
{
    if (!out)
        return INVALID_VALUE;
    *out = CUDA_VERSION;
    return SUCCESS;
}

EXPORT int cuDeviceGetCount(int *out)
{
    if (!initialized)
        return NOT_INITIALIZED;
    if (!out)
        return INVALID_VALUE;
    *out = (int)visible_count;
    return SUCCESS;
}

static const struct gpu *gpu_at(int ordinal)
{
    return initialized && ordinal >= 0 && (unsigned)ordinal < visible_count ? visible[ordinal] : NULL;
}

EXPORT int cuDeviceGet(int *out, int ordinal)
{
    if (!out)
        return INVALID_VALUE;
    if (!gpu_at(ordinal))
        return INVALID_DEVICE;
    *out = ordinal;
    return SUCCESS;
}

EXPORT int cuDeviceGetName(char *out, int length, int ordinal)
{
    const struct gpu *gpu = gpu_at(ordinal);
    if (!gpu)
        return INVALID_DEVICE;
    if (!out || length < 1)
        return INVALID_VALUE;
    snprintf(out, (size_t)length, part ? "%s MIG %s" : "%s", gpu->model, part ? part->profile : "");
    return SUCCESS;
}

EXPORT int cuDeviceTotalMem_v2(size_t *out, int ordinal)
{
    const struct gpu *gpu = gpu_at(ordinal);
    if (!gpu)
        return INVALID_DEVICE;
    if (!out)
        return INVALID_VALUE;
    *out = (size_t)(part ? part->memory_mib : gpu->memory_mib) << 20;
    return SUCCESS;
}

EXPORT int cuDeviceGetAttribute(int *out, int attribute, int ordinal)
{
    const struct gpu *gpu = gpu_at(ordinal);
    if (!gpu)
        return INVALID_DEVICE;
    if (!out)
        return INVALID_VALUE;
    switch (attribute) {
    case ATTRIBUTE_COMPUTE_MAJOR: *out = (int)gpu->compute_major; return SUCCESS;
    case ATTRIBUTE_COMPUTE_MINOR: *out = (int)gpu->compute_minor; return SUCCESS;
    default: return INVALID_VALUE;
    }
}

EXPORT int cuGetErrorString(int code, const char **out)
{
    if (!out)
        return INVALID_VALUE;
    switch (code) {
    case SUCCESS: *out = "no error"; break;
    case NOT_INITIALIZED: *out = "initialization error"; break;
    case NO_DEVICE: *out = "no CUDA-capable device is detected"; break;
    case INVALID_DEVICE: *out = "invalid device ordinal"; break;
    case SYSTEM_DRIVER_MISMATCH: *out = "system has unsupported display driver / cuda driver combination"; break;
    default: *out = "unknown error"; break;
    }
    return SUCCESS;
}
