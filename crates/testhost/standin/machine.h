/*
 * What a process can see of the simulated machine from where it stands.
 *
 * No kernel driver is behind the simulated device numbers, so opening a node cannot succeed. What it
 * fails with still tells everything: the device cgroup and the permission bits are asked before the
 * driver is looked for, so ENXIO or ENODEV means "you may", EPERM or EACCES "you may not", and ENOENT
 * "there is no node".
 *
 * Kept to symbols that every glibc since 2.2.5 has (statx by number, no stat), because this runs inside
 * images of any age, as the real library does.
 */
#ifndef MACHINE_H
#define MACHINE_H

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/stat.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct gpu {
    const char *model;
    const char *uuid;
    unsigned minor;
    unsigned domain, bus, device;
    unsigned pci_device;
    unsigned long long memory_mib;
    unsigned compute_major, compute_minor;
    int mig_capable, mig_enabled;
    int lost;
    int on_pci;
};
struct mig {
    unsigned gpu; /* position in GPUS */
    const char *uuid;
    const char *profile;
    unsigned gpu_instance, compute_instance;
    unsigned gpu_instance_node, compute_instance_node;
    unsigned gpu_slices, compute_slices;
    unsigned long long memory_mib;
    unsigned placement_start, placement_size;
};
/* A profile of GPU instances that a board has: NVML asks for it by number, instances name it by id. */
struct profile {
    unsigned gpu; /* position in GPUS */
    const char *name;
    unsigned number, id, slices;
    unsigned long long memory_mib;
};

/* DRIVER_VERSION, DRIVER_MAJOR, CUDA_VERSION, CAPS_MAJOR; GPU_COUNT and GPUS, in the order of their bus ids;
   MIG_COUNT and MIGS, PROFILE_COUNT and PROFILES, in the order of their GPUs; MODULE_VERSION; GATE, a path and
   its two numbers, where every GPU is reached through one node; DRIVER_STORES, for dxcore.c. */
#include "manifest.h"

#define NVIDIA_MAJOR 195
#define CONTROL_MINOR 255
#define ANY_DEVICE ((unsigned)-1)

static int node_openable(const char *path, unsigned major, unsigned minor, int how)
{
    struct statx status;
    memset(&status, 0, sizeof status);
    if (syscall(SYS_statx, AT_FDCWD, path, 0, STATX_TYPE, &status) != 0)
        return 0;
    if ((status.stx_mode & 0170000) != 0020000)
        return 0;
    if (major != ANY_DEVICE && (status.stx_rdev_major != major || status.stx_rdev_minor != minor))
        return 0;
    int descriptor = open(path, how | O_NONBLOCK | O_CLOEXEC);
    if (descriptor >= 0) {
        close(descriptor);
        return 1;
    }
    return errno == ENXIO || errno == ENODEV;
}

static int node_granted(const char *path, unsigned major, unsigned minor)
{
    return node_openable(path, major, minor, O_RDWR);
}

/* The module answers only libraries of its own version: they differ between an upgrade and a boot. */
static int module_matches(void)
{
    return strcmp(DRIVER_VERSION, MODULE_VERSION) == 0;
}

#ifdef GATE

static int control_granted(void)
{
    return node_granted(GATE);
}

static unsigned granted_gpus(const struct gpu **visible)
{
    if (!control_granted())
        return 0;
    for (unsigned i = 0; i < GPU_COUNT; i++)
        visible[i] = &GPUS[i];
    return GPU_COUNT;
}

static int memory_driver_granted(void)
{
    return 1;
}

#else

static int control_granted(void)
{
    return node_granted("/dev/nvidiactl", NVIDIA_MAJOR, CONTROL_MINOR);
}

static int memory_driver_granted(void)
{
    return node_granted("/dev/nvidia-uvm", ANY_DEVICE, ANY_DEVICE);
}

/* Fills `visible` with the GPUs whose nodes are granted; position is index, as with the real library. */
static unsigned granted_gpus(const struct gpu **visible)
{
    unsigned count = 0;
    for (unsigned i = 0; i < GPU_COUNT; i++) {
        char path[32];
        snprintf(path, sizeof path, "/dev/nvidia%u", GPUS[i].minor);
        if (node_granted(path, NVIDIA_MAJOR, GPUS[i].minor))
            visible[count++] = &GPUS[i];
    }
    return count;
}

#endif /* GATE */

/* Capability nodes are only ever read: their mode is 0444. */
static int capability_granted(unsigned minor)
{
    char path[48];
    snprintf(path, sizeof path, "/dev/nvidia-caps/nvidia-cap%u", minor);
    return node_openable(path, CAPS_MAJOR, minor, O_RDONLY);
}

/* Fills `visible` with the MIG devices of a GPU that is granted for which both capability nodes are granted
   as well. */
static unsigned granted_migs(const struct gpu *gpu, const struct mig **visible)
{
    unsigned count = 0;
    for (unsigned i = 0; i < MIG_COUNT; i++)
        if (&GPUS[MIGS[i].gpu] == gpu && capability_granted(MIGS[i].gpu_instance_node) &&
            capability_granted(MIGS[i].compute_instance_node))
            visible[count++] = &MIGS[i];
    return count;
}

#endif
