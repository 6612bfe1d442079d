// SPDX-License-Identifier: MIT OR Apache-2.0
#include "support/trampoline.h"

#if defined(__x86_64__)

// rdi: function, rsi: frame. rbp holds the old stack pointer, rbx the frame, r12 is saved to keep 16-byte alignment.
asm(R"(
    .text
    .p2align 4
    .globl exprjit_call_sysv
    .hidden exprjit_call_sysv
    .type exprjit_call_sysv, @function
exprjit_call_sysv:
    .cfi_startproc
    endbr64
    pushq %rbp
    .cfi_def_cfa_offset 16
    .cfi_offset %rbp, -16
    movq %rsp, %rbp
    .cfi_def_cfa_register %rbp
    pushq %rbx
    .cfi_offset %rbx, -24
    pushq %r12
    .cfi_offset %r12, -32
    movq %rsi, %rbx
    movq %rdi, %rax
    movq 112(%rbx), %rcx
    testq %rcx, %rcx
    jz 2f
    leaq (,%rcx,8), %rdx
    subq %rdx, %rsp
    andq $-16, %rsp
    movq 120(%rbx), %rdx
1:  movq -8(%rdx,%rcx,8), %r10
    movq %r10, -8(%rsp,%rcx,8)
    decq %rcx
    jnz 1b
2:  movq 48(%rbx), %xmm0
    movq 56(%rbx), %xmm1
    movq 64(%rbx), %xmm2
    movq 72(%rbx), %xmm3
    movq 80(%rbx), %xmm4
    movq 88(%rbx), %xmm5
    movq 96(%rbx), %xmm6
    movq 104(%rbx), %xmm7
    movq 0(%rbx), %rdi
    movq 8(%rbx), %rsi
    movq 16(%rbx), %rdx
    movq 24(%rbx), %rcx
    movq 32(%rbx), %r8
    movq 40(%rbx), %r9
    call *%rax
    movq %rax, 128(%rbx)
    movq %xmm0, 136(%rbx)
    leaq -16(%rbp), %rsp
    popq %r12
    .cfi_restore %r12
    popq %rbx
    .cfi_restore %rbx
    popq %rbp
    .cfi_restore %rbp
    .cfi_def_cfa %rsp, 8
    ret
    .cfi_endproc
    .size exprjit_call_sysv, .-exprjit_call_sysv
)");

#else

#include <cstdlib>

// Without machine code there is nothing to call: the engine interprets on every other architecture.
extern "C" void exprjit::exprjit_call_sysv(const void*, CallFrame*) { std::abort(); }

#endif
