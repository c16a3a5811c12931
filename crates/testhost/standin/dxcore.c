/*
 * A stand-in for libdxcore.so, the library of WSL through which Linux programs talk to the display adapters
 * of Windows: as much as it takes to ask where an adapter's driver lies.
 *
 * The functions are Windows' kernel thunks, so names, numbers and layouts are those of its headers d3dkmthk
 * and d3dukmdt (learn.microsoft.com). A text is made of wchar_t, which has four bytes here. Every GPU is
 * reached through /dev/dxg; without it, nothing can be asked.
 */
#include "machine.h"
#include <stddef.h>
#include <wchar.h>

#define EXPORT __attribute__((visibility("default")))

/* An NTSTATUS: 0 is success, the sign is failure. */
typedef int status;
enum { OK = 0 };
#define INVALID_PARAMETER ((status)0xC000000D)
#define NO_SUCH_DEVICE ((status)0xC000000E)
#define NOT_SUPPORTED ((status)0xC00000BB)
#define BUFFER_TOO_SMALL ((status)0xC0000023)

enum { INFO_DRIVER_VERSION = 13, INFO_REGISTRY = 48 };
enum { REGISTRY_DRIVER_STORE = 2 };
enum { REGISTRY_OK = 0, REGISTRY_TOO_SMALL = 1, REGISTRY_FAILED = 2 };
/* WDDM 3.1. */
enum { DRIVER_VERSION_NUMBER = 3100 };

struct adapter {
    unsigned handle;
    unsigned luid_low;
    int luid_high;
    unsigned sources;
    int regions_preferred;
};
struct adapters {
    unsigned count;
    struct adapter *list;
};
struct filtered_adapters {
    unsigned long long filter;
    unsigned count;
    struct adapter *list;
};
struct query {
    unsigned handle;
    unsigned kind;
    void *data;
    unsigned size;
};
struct registry {
    unsigned kind;
    unsigned flags;
    wchar_t value_name[260];
    unsigned value_type;
    unsigned adapter_index;
    unsigned size;
    unsigned status;
    union {
        unsigned long long number;
        wchar_t text[1];
    } out;
};

/* The closing NULL lets the list be empty. */
static const char *const STORES[] = {DRIVER_STORES NULL};
static const unsigned STORE_COUNT = sizeof STORES / sizeof *STORES - 1;
static const unsigned FIRST_HANDLE = 0x40000000;
static const unsigned HANDLE_STEP = 0x40;

static int reachable(void)
{
#ifdef GATE
    return node_granted(GATE);
#else
    return 0;
#endif
}

/* Asked without a list, it says how many there are. */
static status enumerate(unsigned *count, struct adapter *list)
{
    if (!reachable())
        return NO_SUCH_DEVICE;
    if (list) {
        if (*count < STORE_COUNT)
            return BUFFER_TOO_SMALL;
        for (unsigned i = 0; i < STORE_COUNT; i++) {
            struct adapter adapter = {FIRST_HANDLE + i * HANDLE_STEP, 0x1a1d77 + i, 0, 1, 0};
            list[i] = adapter;
        }
    }
    *count = STORE_COUNT;
    return OK;
}

EXPORT status D3DKMTEnumAdapters2(struct adapters *in_out)
{
    return in_out ? enumerate(&in_out->count, in_out->list) : INVALID_PARAMETER;
}

EXPORT status D3DKMTEnumAdapters3(struct filtered_adapters *in_out)
{
    return in_out ? enumerate(&in_out->count, in_out->list) : INVALID_PARAMETER;
}

/* Asked with too little room, it says how many bytes it takes. */
static status driver_store(const char *store, struct registry *answer, unsigned size)
{
    unsigned length = (unsigned)(strlen(store) + 1);
    unsigned needed = length * (unsigned)sizeof(wchar_t);
    unsigned offset = (unsigned)offsetof(struct registry, out);
    if (size < sizeof *answer)
        return INVALID_PARAMETER;
    if (answer->kind != REGISTRY_DRIVER_STORE) {
        answer->status = REGISTRY_FAILED;
        return NOT_SUPPORTED;
    }
    unsigned room = answer->size < size - offset ? answer->size : size - offset;
    answer->size = needed;
    if (room < needed) {
        answer->status = REGISTRY_TOO_SMALL;
        return OK;
    }
    for (unsigned i = 0; i < length; i++)
        answer->out.text[i] = (unsigned char)store[i];
    answer->status = REGISTRY_OK;
    return OK;
}

EXPORT status D3DKMTQueryAdapterInfo(const struct query *question)
{
    if (!question || !question->data)
        return INVALID_PARAMETER;
    if (!reachable())
        return NO_SUCH_DEVICE;
    unsigned index = (question->handle - FIRST_HANDLE) / HANDLE_STEP;
    if (question->handle < FIRST_HANDLE || index >= STORE_COUNT)
        return INVALID_PARAMETER;
    switch (question->kind) {
    case INFO_DRIVER_VERSION:
        if (question->size < sizeof(unsigned))
            return BUFFER_TOO_SMALL;
        *(unsigned *)question->data = DRIVER_VERSION_NUMBER;
        return OK;
    case INFO_REGISTRY:
        return driver_store(STORES[index], question->data, question->size);
    default:
        return NOT_SUPPORTED;
    }
}
