// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the tests of both policies of code memory need.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "runtime/code_memory.h"

namespace exprjit {

// mov eax, number; ret
inline std::vector<uint8_t> returns(uint32_t number, size_t padding = 0) {
    std::vector<uint8_t> code = {0xb8, 0, 0, 0, 0, 0xc3};
    std::memcpy(code.data() + 1, &number, sizeof number);
    code.resize(code.size() + padding, 0x90);
    return code;
}

inline uint32_t run(const CodeBlock& b) {
    return reinterpret_cast<uint32_t (*)()>(reinterpret_cast<uintptr_t>(b.address))();
}

// Runs `body` in a child; its exit status says whether every expectation of its own held.
template <class Body>
bool holds_in_child(Body&& body) {
    const pid_t child = fork();
    if (child == 0) _exit(body() ? 0 : 1);
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// A line of /proc/self/maps.
struct Mapping {
    uintptr_t low = 0, high = 0;
    std::string permissions;
};

inline std::vector<Mapping> mappings() {
    std::vector<Mapping> all;
    FILE* const maps = std::fopen("/proc/self/maps", "r");
    if (maps == nullptr) return all;
    char line[4096], permissions[8];
    while (std::fgets(line, sizeof line, maps) != nullptr) {
        Mapping m;
        if (std::sscanf(line, "%lx-%lx %7s", &m.low, &m.high, permissions) != 3) continue;
        m.permissions = permissions;
        all.push_back(m);
    }
    std::fclose(maps);
    return all;
}

inline bool any_writable_and_executable() {
    for (const Mapping& m : mappings()) {
        if (m.permissions[1] == 'w' && m.permissions[2] == 'x') return true;
    }
    return false;
}

// "r-xp" and the like; "" where nothing is mapped.
inline std::string permissions_at(const uint8_t* p) {
    const auto at = reinterpret_cast<uintptr_t>(p);
    for (const Mapping& m : mappings()) {
        if (at >= m.low && at < m.high) return m.permissions;
    }
    return {};
}

}  // namespace exprjit
