// SPDX-License-Identifier: MIT OR Apache-2.0
#include "support/native_call.h"

#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/time.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

// void exprjit_trial_call(function, gp, xmm, stack, stack_count, NativeReturn*)
// The callee-saved registers hold sentinels during the call; the return record says which came back changed.
extern "C" void exprjit_trial_call(const void* function, const uint64_t* gp, const uint64_t (*xmm)[2],
                                   const uint64_t* stack, size_t stack_count, exprjit::trial::NativeReturn* out);

asm(R"(
.pushsection .text
.type exprjit_trial_call, @function
.globl exprjit_trial_call
.hidden exprjit_trial_call
.intel_syntax noprefix
exprjit_trial_call:
    .cfi_startproc
    push rbp
    .cfi_def_cfa_offset 16
    .cfi_offset rbp, -16
    mov rbp, rsp
    .cfi_def_cfa_register rbp
    push rbx
    push r12
    push r13
    push r14
    push r15
    push r9
    stmxcsr [r9 + 32]
    test r8, 1
    jz 1f
    sub rsp, 8
1:  test r8, r8
    jz 2f
    push qword ptr [rcx + r8 * 8 - 8]
    dec r8
    jmp 1b
2:  mov r11, rdi
    mov r10, rsi
    movups xmm0, [rdx]
    movups xmm1, [rdx + 16]
    movups xmm2, [rdx + 32]
    movups xmm3, [rdx + 48]
    movups xmm4, [rdx + 64]
    movups xmm5, [rdx + 80]
    movups xmm6, [rdx + 96]
    movups xmm7, [rdx + 112]
    mov rdi, [r10]
    mov rsi, [r10 + 8]
    mov rdx, [r10 + 16]
    mov rcx, [r10 + 24]
    mov r8, [r10 + 32]
    mov r9, [r10 + 40]
    mov rbx, 0x0b0b0b0b0b0b0b0b
    mov r12, 0x1212121212121212
    mov r13, 0x1313131313131313
    mov r14, 0x1414141414141414
    mov r15, 0x1515151515151515
    mov eax, 0x7fffff08
    mov r10, 0x5a5a5a5a5a5a5a5a
    call r11
    mov r11, [rbp - 48]
    mov [r11], rax
    movups [r11 + 16], xmm0
    stmxcsr [r11 + 36]
    xor ecx, ecx
    mov rax, 0x0b0b0b0b0b0b0b0b
    cmp rbx, rax
    setne cl
    mov rax, 0x1212121212121212
    xor edx, edx
    cmp r12, rax
    setne dl
    lea ecx, [rcx + rdx * 2]
    mov rax, 0x1313131313131313
    xor edx, edx
    cmp r13, rax
    setne dl
    lea ecx, [rcx + rdx * 4]
    mov rax, 0x1414141414141414
    xor edx, edx
    cmp r14, rax
    setne dl
    lea ecx, [rcx + rdx * 8]
    mov rax, 0x1515151515151515
    xor edx, edx
    cmp r15, rax
    setne dl
    shl edx, 4
    or ecx, edx
    pushfq
    pop rax
    and eax, 0x400
    shr eax, 5
    or ecx, eax
    cld
    mov [r11 + 8], rcx
    lea rsp, [rbp - 40]
    pop r15
    pop r14
    pop r13
    pop r12
    pop rbx
    pop rbp
    .cfi_def_cfa rsp, 8
    ret
    .cfi_endproc
.size exprjit_trial_call, . - exprjit_trial_call
.att_syntax prefix
.popsection
)");

namespace exprjit::trial {

void NativeArguments::integer(uint64_t bits) {
    if (gp_count_ < 6)
        gp[gp_count_++] = bits;
    else
        stack.push_back(bits);
}

void NativeArguments::floating(uint64_t bits) {
    if (xmm_count_ < 8) {
        xmm[xmm_count_][0] = bits;
        xmm[xmm_count_++][1] = 0xdeadbeefcafef00du;
    } else {
        stack.push_back(bits);
    }
}

void NativeArguments::scalar(Scalar type, Slot value) {
    constexpr uint64_t garbage = 0xbadc0de500000000u;
    switch (type) {
    case Scalar::Bool:
    case Scalar::I32: integer((value & 0xffffffffu) | garbage); break;
    case Scalar::I64: integer(value); break;
    case Scalar::F32: floating((value & 0xffffffffu) | garbage); break;
    case Scalar::F64: floating(value); break;
    }
}

namespace {

sigjmp_buf escape;
volatile sig_atomic_t inside = 0;
volatile uint64_t run_number = 0;
volatile int32_t stop = 0;
uint64_t number_at_last_tick = 0;
char fault_text[128];

const char* signal_name(int number) {
    switch (number) {
    case SIGSEGV: return "SIGSEGV (memory it may not touch)";
    case SIGBUS: return "SIGBUS";
    case SIGILL: return "SIGILL (not an instruction)";
    case SIGFPE: return "SIGFPE (a division that traps)";
    case SIGTRAP: return "SIGTRAP (ran into padding)";
    default: return "it does not end";
    }
}

void on_fault(int number, siginfo_t* what, void*) {
    if (inside == 0) {
        signal(number, SIG_DFL);  // a fault of the test program itself
        return;
    }
    inside = 0;
    std::snprintf(fault_text, sizeof fault_text, "%s at address %p", signal_name(number), what->si_addr);
    siglongjmp(escape, 1);
}

// First the polite way; a tick later the other.
void on_tick(int) {
    if (number_at_last_tick != run_number) {
        number_at_last_tick = run_number;
    } else if (stop == 0) {
        stop = 1;
    } else if (inside != 0) {
        inside = 0;
        std::snprintf(fault_text, sizeof fault_text, "it does not end, and the stop word does not stop it");
        siglongjmp(escape, 1);
    }
}

void catch_faults() {
    // A stack of its own, since the code under test may have lost its.
    static char stack[64 * 1024];
    stack_t alternative = {};
    alternative.ss_sp = stack;
    alternative.ss_size = sizeof stack;
    sigaltstack(&alternative, nullptr);
    struct sigaction action = {};
    action.sa_sigaction = on_fault;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    for (const int number : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP}) sigaction(number, &action, nullptr);
    action.sa_handler = on_tick;
    action.sa_flags = SA_ONSTACK | SA_NODEFER | SA_RESTART;
    sigaction(SIGVTALRM, &action, nullptr);
    // Processor time, not wall time: a busy machine is no reason to give up.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    const itimerval every{{5, 0}, {5, 0}};  // the interpreter takes up to twenty times as long
#else
    const itimerval every{{0, 250000}, {0, 250000}};
#endif
    setitimer(ITIMER_VIRTUAL, &every, nullptr);
}

}  // namespace

const volatile int32_t* stop_word() { return &stop; }

void begin_run() {
    static const bool installed = (catch_faults(), true);
    static_cast<void>(installed);
    run_number = run_number + 1;
    stop = 0;
}

NativeReturn call_native(const void* function, const NativeArguments& a, const char** fault) {
    NativeReturn r;
    *fault = nullptr;
    if (sigsetjmp(escape, 0) != 0) {
        asm volatile("cld");
        *fault = fault_text;
        return r;
    }
    inside = 1;
    exprjit_trial_call(function, a.gp, a.xmm, a.stack.data(), a.stack.size(), &r);
    inside = 0;
    return r;
}

const char* run_protected(void (*work)(void* data), void* data) {
    if (sigsetjmp(escape, 0) != 0) {
        asm volatile("cld");
        return fault_text;
    }
    inside = 1;
    work(data);
    inside = 0;
    return nullptr;
}

const char* describe_violations(const NativeReturn& r) {
    static thread_local char text[128];
    text[0] = 0;
    static constexpr const char* names[] = {"rbx", "r12", "r13", "r14", "r15", "direction flag"};
    size_t at = 0;
    for (size_t bit = 0; bit < 6; ++bit)
        if ((r.violations >> bit & 1) != 0)
            at += static_cast<size_t>(
                std::snprintf(text + at, sizeof text - at, "%s%s", at != 0 ? ", " : "", names[bit]));
    constexpr uint32_t control = 0xffc0;  // the low six bits are sticky exception flags
    if ((r.mxcsr_before & control) != (r.mxcsr_after & control))
        std::snprintf(text + at, sizeof text - at, "%smxcsr (0x%x, was 0x%x)", at != 0 ? ", " : "", r.mxcsr_after,
                      r.mxcsr_before);
    return text;
}

NativeCode::NativeCode(std::span<const uint8_t> bytes, uint32_t entry) {
    mapped_ = (bytes.size() + 4095) / 4096 * 4096;
    base_ = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base_ == MAP_FAILED) {
        std::fprintf(stderr, "cannot map %zu bytes of code memory for a test\n", mapped_);
        std::abort();
    }
    std::memset(base_, 0xcc, mapped_);
    std::memcpy(base_, bytes.data(), bytes.size());
    if (mprotect(base_, mapped_, PROT_READ | PROT_EXEC) != 0) {
        std::fprintf(stderr, "the system refuses executable memory; the native engines cannot be tested here\n");
        std::abort();
    }
    entry_ = static_cast<uint8_t*>(base_) + entry;
}

NativeCode::~NativeCode() {
    if (base_ != nullptr) munmap(base_, mapped_);
}

NativeCode& NativeCode::operator=(NativeCode&& other) noexcept {
    std::swap(base_, other.base_);
    std::swap(mapped_, other.mapped_);
    std::swap(entry_, other.entry_);
    return *this;
}

}  // namespace exprjit::trial
