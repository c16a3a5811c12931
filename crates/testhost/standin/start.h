/*
 * The entry point of the stand-in programs. The C library's own start-up object asks for a symbol version
 * of the build machine's glibc, and the program would then not start in an older image.
 */
#ifndef START_H
#define START_H

#include <stdlib.h>

int main(int argc, char **argv);

__attribute__((noreturn, used)) static void start_main(long *stack)
{
    exit(main((int)stack[0], (char **)(stack + 1)));
}

#if defined(__x86_64__)
__asm__(".globl _start\n_start:\n\txor %ebp, %ebp\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall start_main\n\thlt\n");
#elif defined(__aarch64__)
__asm__(".globl _start\n_start:\n\tmov x29, #0\n\tmov x0, sp\n\tbl start_main\n\tbrk #1\n");
#else
#error "no entry point for this processor"
#endif

#endif
