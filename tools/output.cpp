// SPDX-License-Identifier: MIT OR Apache-2.0
#include "output.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "interrupt.h"

namespace exprjit::cli {

bool Output::wait_writable() const {
    // A reader that has gone to sleep must not keep an interrupted tool alive: one second, then the line stays cut.
    struct pollfd poll_for {
        descriptor_, POLLOUT, 0
    };
    return poll(&poll_for, 1, 1000) > 0;
}

bool Output::flush() {
    std::string_view rest = buffer_;
    while (status_.ok() && !rest.empty()) {
        if (interrupted() != 0) {
            if (rest.size() == buffer_.size()) {
                break;  // nothing of this buffer is out: stop at the end of the last record
            }
            const size_t line_end = rest.data()[-1] == '\n' ? 0 : rest.find('\n') + 1;
            rest = rest.substr(0, line_end);
            if (rest.empty() || !wait_writable()) {
                break;
            }
        }
        const ssize_t written = write(descriptor_, rest.data(), rest.size());
        if (written >= 0) {
            rest.remove_prefix(static_cast<size_t>(written));
        } else if (errno == EPIPE) {
            status_.exit_code = kExitSignalBase + SIGPIPE;  // the reader has seen enough: no message
        } else if (errno != EINTR && errno != EAGAIN) {
            status_ = system_failure("cannot write " + name_, errno);
        } else if (errno == EAGAIN) {
            wait_writable();
        }
    }
    if (status_.ok() && interrupted() != 0) {
        status_.exit_code = kExitSignalBase + interrupted();
    }
    buffer_.clear();
    return status_.ok();
}

Status Output::finish() {
    flush();
    return status_;
}

Output standard_output() { return Output(STDOUT_FILENO, "standard output"); }

ReplacedFile::~ReplacedFile() { discard(); }

void ReplacedFile::discard() {
    if (descriptor_ >= 0) {
        close(descriptor_);
        descriptor_ = -1;
    }
    if (!temporary_.empty()) {
        unlink(temporary_.c_str());
        set_temporary_file(nullptr);
        temporary_.clear();
    }
}

Status ReplacedFile::open(const std::string& path) {
    target_ = path;
    struct stat existing {};
    const bool exists = stat(path.c_str(), &existing) == 0;
    if (exists && S_ISDIR(existing.st_mode)) {
        return failure(kExitFailed, "cannot write " + path + ": it is a directory", "name a file in it");
    }
    if (exists && !S_ISREG(existing.st_mode)) {
        descriptor_ = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
        return descriptor_ >= 0 ? Status{} : system_failure("cannot write " + path, errno);
    }
    if (exists) {
        if (access(path.c_str(), W_OK) != 0) {
            return system_failure("cannot write " + path, errno);  // renaming over it would get round its protection
        }
        if (char* resolved = realpath(path.c_str(), nullptr)) {
            target_ = resolved;  // the file a symbolic link points to is replaced, not the link
            free(resolved);
        }
    }
    const size_t slash = target_.rfind('/');
    const std::string folder = slash == std::string::npos ? std::string() : target_.substr(0, slash + 1);
    // The file's own name is not part of it, since it may be as long as the system allows.
    for (int attempt = 0; attempt < 1000 && descriptor_ < 0; ++attempt) {
        const std::string name =
            folder + ".exprjit-" + std::to_string(getpid()) + "-" + std::to_string(attempt) + ".part";
        descriptor_ = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (descriptor_ >= 0) {
            temporary_ = name;
            set_temporary_file(temporary_.c_str());
        } else if (errno != EEXIST && errno != EINTR) {
            break;
        }
    }
    if (descriptor_ < 0) {
        return system_failure("cannot create a file beside " + path, errno,
                              "write permission in the folder is needed, because the file is written beside its "
                              "place and renamed");
    }
    if (exists && fchmod(descriptor_, existing.st_mode & 07777) != 0) {
        return system_failure("cannot copy the permissions of " + path, errno);
    }
    return {};
}

Status ReplacedFile::commit() {
    if (temporary_.empty()) {
        const int closed = close(descriptor_);
        descriptor_ = -1;
        return closed == 0 ? Status{} : system_failure("cannot write " + target_, errno);
    }
    int result = 0;
    do {
        result = fsync(descriptor_);
    } while (result != 0 && errno == EINTR && interrupted() == 0);
    if (result != 0) {
        return system_failure("cannot write " + target_, errno);
    }
    result = close(descriptor_);
    descriptor_ = -1;
    if (result != 0 || rename(temporary_.c_str(), target_.c_str()) != 0) {
        return system_failure("cannot write " + target_, errno);
    }
    temporary_.clear();
    set_temporary_file(nullptr);
    // The rename itself is on the disk once the folder is; a file system that cannot do this has done its best.
    const size_t slash = target_.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : target_.substr(0, slash + 1);
    if (const int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); directory >= 0) {
        static_cast<void>(fsync(directory));
        close(directory);
    }
    return {};
}

}  // namespace exprjit::cli
