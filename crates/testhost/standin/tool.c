/* A driver tool that is only looked for, copied and mounted, never asked to do anything. */
#include "start.h"

int main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return 0;
}
