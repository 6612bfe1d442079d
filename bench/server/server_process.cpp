// SPDX-License-Identifier: MIT OR Apache-2.0
#include "server_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

extern char** environ;

namespace exprjit::bench {

ServerProcess::ServerProcess(const std::string& program, std::vector<std::string> arguments) {
    const auto here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
    const auto beside = here / program;
    const std::string path =
        std::filesystem::exists(beside) ? beside.string() : (here / ".." / "bin" / program).string();
    arguments.insert(arguments.begin(), path);
    std::vector<char*> pointers;
    for (std::string& argument : arguments) {
        pointers.push_back(argument.data());
    }
    pointers.push_back(nullptr);
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return;
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    if (posix_spawn(&process_, path.c_str(), &actions, nullptr, pointers.data(), environ) != 0) {
        process_ = -1;
    }
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    char byte = 0;
    while (process_ > 0 && byte != '\n') {
        if (read(ends[0], &byte, 1) != 1) {
            std::fprintf(stderr, "%s ended before it listened\n", path.c_str());
            waitpid(process_, nullptr, 0);
            process_ = -1;
        }
    }
    close(ends[0]);
}

ServerProcess::~ServerProcess() {
    if (process_ > 0) {
        kill(process_, SIGTERM);
        waitpid(process_, nullptr, 0);
    }
}

double ServerProcess::processor_seconds() const {
    std::ifstream file("/proc/" + std::to_string(process_) + "/stat");
    std::string text;
    std::getline(file, text);
    const size_t name_end = text.rfind(')');
    unsigned long user = 0, system = 0;
    if (name_end == std::string::npos ||
        std::sscanf(text.c_str() + name_end + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
                    &system) != 2) {
        return 0;
    }
    return static_cast<double>(user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double ServerProcess::resident_megabytes() const {
    std::ifstream file("/proc/" + std::to_string(process_) + "/statm");
    long size = 0, resident = 0;
    file >> size >> resident;
    return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

}  // namespace exprjit::bench
