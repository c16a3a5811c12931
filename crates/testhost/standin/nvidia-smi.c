/*
 * A stand-in for nvidia-smi: it loads the management library by the ordinary search of the loader, so its
 * answer proves that library, links, cache and device nodes all arrived where it runs.
 */
#include "start.h"
#include <stdio.h>
#include <string.h>

#if defined(__x86_64__)
/* dlopen moved into libc with glibc 2.34 and got a new version there; the old one is in every glibc. */
__asm__(".symver dlopen, dlopen@GLIBC_2.2.5");
__asm__(".symver dlsym, dlsym@GLIBC_2.2.5");
__asm__(".symver dlerror, dlerror@GLIBC_2.2.5");
#endif
void *dlopen(const char *, int);
void *dlsym(void *, const char *);
char *dlerror(void);
#define RTLD_NOW 2

enum { NO_DEVICES = 6, DRIVER_NOT_LOADED = 9, LIBRARY_NOT_FOUND = 12, FUNCTION_NOT_FOUND = 13, VERSION_MISMATCH = 18 };

typedef int result;
typedef void *device;

static void *library;
static int missing;

static void *symbol(const char *name)
{
    void *found = dlsym(library, name);
    if (!found) {
        fprintf(stderr, "libnvidia-ml.so.1 does not have %s\n", name);
        missing = 1;
    }
    return found;
}

int main(int argc, char **argv)
{
    int list = 0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-L") == 0 || strcmp(argv[i], "--list-gpus") == 0)
            list = 1;
        else {
            fprintf(stderr, "this stand-in for nvidia-smi knows -L only, not %s\n", argv[i]);
            return 2;
        }
    }

    library = dlopen("libnvidia-ml.so.1", RTLD_NOW);
    if (!library) {
        const char *reason = dlerror();
        fprintf(stderr, "NVIDIA-SMI couldn't find libnvidia-ml.so.1 library in your system: %s\n",
                reason ? reason : "no reason given");
        return LIBRARY_NOT_FOUND;
    }
    result (*init)(void) = (result(*)(void))symbol("nvmlInit_v2");
    result (*driver_version)(char *, unsigned) = (result(*)(char *, unsigned))symbol("nvmlSystemGetDriverVersion");
    result (*cuda_version)(int *) = (result(*)(int *))symbol("nvmlSystemGetCudaDriverVersion");
    result (*count)(unsigned *) = (result(*)(unsigned *))symbol("nvmlDeviceGetCount_v2");
    result (*handle)(unsigned, device *) = (result(*)(unsigned, device *))symbol("nvmlDeviceGetHandleByIndex_v2");
    result (*name)(device, char *, unsigned) = (result(*)(device, char *, unsigned))symbol("nvmlDeviceGetName");
    result (*uuid)(device, char *, unsigned) = (result(*)(device, char *, unsigned))symbol("nvmlDeviceGetUUID");
    result (*migs)(device, unsigned *) = (result(*)(device, unsigned *))symbol("nvmlDeviceGetMaxMigDeviceCount");
    result (*mig)(device, unsigned, device *) =
        (result(*)(device, unsigned, device *))symbol("nvmlDeviceGetMigDeviceHandleByIndex");
    if (missing)
        return FUNCTION_NOT_FOUND;

    result code = init();
    if (code == VERSION_MISMATCH) {
        fprintf(stderr, "Failed to initialize NVML: Driver/library version mismatch\n");
        return code;
    }
    if (code != 0) {
        fprintf(stderr, "Failed to initialize NVML: the driver does not answer (its device node is absent or denied)\n");
        return code == DRIVER_NOT_LOADED ? DRIVER_NOT_LOADED : 1;
    }
    unsigned total = 0;
    if (count(&total) != 0)
        return 1;
    if (total == 0) {
        printf("No devices found.\n");
        return NO_DEVICES;
    }
    if (!list) {
        char version[80];
        int cuda = 0;
        if (driver_version(version, sizeof version) != 0 || cuda_version(&cuda) != 0)
            return 1;
        printf("NVIDIA-SMI %s  Driver Version: %s  CUDA Version: %d.%d\n", version, version, cuda / 1000,
               cuda % 1000 / 10);
    }
    for (unsigned i = 0; i < total; i++) {
        device gpu;
        char model[96], id[96];
        if (handle(i, &gpu) != 0 || name(gpu, model, sizeof model) != 0 || uuid(gpu, id, sizeof id) != 0)
            return 1;
        printf("GPU %u: %s (UUID: %s)\n", i, model, id);
        unsigned most = 0;
        migs(gpu, &most);
        for (unsigned j = 0; j < most; j++) {
            device part;
            if (mig(gpu, j, &part) != 0)
                continue;
            if (name(part, model, sizeof model) != 0 || uuid(part, id, sizeof id) != 0)
                return 1;
            const char *profile = strstr(model, " MIG ");
            if (!profile)
                return 1;
            printf("  MIG %-11s Device %2u: (UUID: %s)\n", profile + 5, j, id);
        }
    }
    return 0;
}
