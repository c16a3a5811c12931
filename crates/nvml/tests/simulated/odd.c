/*
 * A library whose machine is odd in every way that NVML's answers can be: a GPU without node, bus address
 * and memory of its own; MIG devices with holes between them, one that fails with a code from the future, one
 * whose name does not tell its profile.
 */
#include <stddef.h>
#include <string.h>

enum { INVALID_ARGUMENT = 2, NOT_SUPPORTED = 3, NO_PERMISSION = 4, NOT_FOUND = 6, FROM_THE_FUTURE = 77 };

struct attributes {
    unsigned multiprocessors, copy_engines, decoders, encoders, jpeg_engines, ofa_engines;
    unsigned gpu_slices, compute_slices;
    unsigned long long memory_mib;
};
struct info {
    void *device;
    unsigned id, profile_id, start, size;
};
struct profile {
    unsigned id, rest[9];
    unsigned long long memory_mib;
};

static char gpu[1], migs[8];

static int put(char *out, unsigned length, const char *text)
{
    strncpy(out, text, length);
    return 0;
}

int nvmlInit_v2(void) { return 0; }
int nvmlShutdown(void) { return 0; }
const char *nvmlErrorString(int code) { return code == FROM_THE_FUTURE ? "Time Has Passed" : NULL; }
int nvmlSystemGetDriverVersion(char *out, unsigned length) { return put(out, length, "999.1"); }
int nvmlSystemGetCudaDriverVersion(int *out) { return *out = 14050, 0; }
int nvmlDeviceGetCount_v2(unsigned *out) { return *out = 1, 0; }
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **out) { return *out = gpu, 0; }
int nvmlDeviceGetUUID(void *device, char *out, unsigned length)
{
    return put(out, length, device == gpu ? "GPU-1" : "MIG-GPU-1/3/0");
}
int nvmlDeviceGetName(void *device, char *out, unsigned length) { return put(out, length, "NVIDIA Odd MIGHTY"); }
int nvmlDeviceGetCudaComputeCapability(void *device, int *major, int *minor) { return *major = 12, *minor = 1, 0; }
int nvmlDeviceGetMinorNumber(void *device, unsigned *out) { return NOT_SUPPORTED; }
int nvmlDeviceGetPciInfo_v3(void *device, void *out) { return NOT_SUPPORTED; }
int nvmlDeviceGetMemoryInfo(void *device, void *out) { return NO_PERMISSION; }
int nvmlDeviceGetMigMode(void *device, unsigned *now, unsigned *next) { return *now = 1, *next = 0, 0; }
int nvmlDeviceGetMaxMigDeviceCount(void *device, unsigned *out) { return *out = 5, 0; }
int nvmlDeviceGetMigDeviceHandleByIndex(void *device, unsigned index, void **out)
{
    static const int answers[] = {INVALID_ARGUMENT, 0, NOT_FOUND, FROM_THE_FUTURE, 0};
    *out = &migs[index];
    return answers[index];
}
int nvmlDeviceGetGpuInstanceId(void *device, unsigned *out) { return *out = 3, device == &migs[4] ? 1 : 0; }
int nvmlDeviceGetComputeInstanceId(void *device, unsigned *out) { return *out = 0, 0; }
int nvmlDeviceGetAttributes_v2(void *device, struct attributes *out)
{
    out->gpu_slices = 2;
    out->compute_slices = 1;
    out->memory_mib = 48512;
    return 0;
}
int nvmlDeviceGetGpuInstanceById(void *device, unsigned id, void **out) { return *out = &migs[id], 0; }
int nvmlGpuInstanceGetInfo(void *instance, struct info *out) { return out->profile_id = 35, 0; }
/* Only the second of the profiles that can do graphics. */
int nvmlDeviceGetGpuInstanceProfileInfo(void *device, unsigned number, struct profile *out)
{
    out->id = 35;
    return number == 0x0b ? 0 : NOT_SUPPORTED;
}
