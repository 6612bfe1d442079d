// SPDX-License-Identifier: MIT OR Apache-2.0
#include "csv_source.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "interrupt.h"

namespace exprjit::cli {
namespace {

// A file without a name: the system frees it when the process ends, however it ends. The system's default folder comes
// last, because it is often memory and the copy may be larger than that.
int open_unnamed(std::string& folder) {
    const char* wanted = std::getenv("TMPDIR");
    const std::string candidates[] = {wanted != nullptr ? wanted : "", "/var/tmp", P_tmpdir};
    int first_error = 0;
    for (const std::string& candidate : candidates) {
        if (candidate.empty()) {
            continue;
        }
        folder = candidate;
        int descriptor = open(candidate.c_str(), O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
        if (descriptor < 0) {  // not every file system knows O_TMPFILE
            std::string name = candidate + "/exprjit-XXXXXX";
            descriptor = mkostemp(name.data(), O_CLOEXEC);
            if (descriptor >= 0) {
                unlink(name.c_str());
            }
        }
        if (descriptor >= 0) {
            return descriptor;
        }
        first_error = first_error == 0 ? errno : first_error;
    }
    errno = first_error;
    return -1;
}

}  // namespace

CsvSource::~CsvSource() {
    if (descriptor_ > STDIN_FILENO) {
        close(descriptor_);
    }
    if (kept_ >= 0) {
        close(kept_);
    }
}

Status CsvSource::open(const std::string& path) {
    name_ = path == "-" ? "standard input" : path;
    do {
        descriptor_ = path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    } while (descriptor_ < 0 && errno == EINTR && interrupted() == 0);
    struct stat information {};
    if (descriptor_ < 0 || fstat(descriptor_, &information) != 0) {
        return system_failure("cannot read " + name_, errno);
    }
    if (S_ISDIR(information.st_mode)) {
        return failure(kExitFailed, "cannot read " + name_ + ": it is a directory");
    }
    regular_ = S_ISREG(information.st_mode);
    if (regular_) {
        start_ = lseek(descriptor_, 0, SEEK_CUR);
        start_ = start_ < 0 ? 0 : start_;
        position_ = start_;
        size_ = information.st_size - start_;
    }
    return {};
}

Status CsvSource::keep_for_second_pass(std::string_view head, std::string_view rest) {
    if (regular_) {
        return {};
    }
    std::string folder;
    kept_ = open_unnamed(folder);
    if (kept_ < 0) {
        return system_failure("cannot keep a copy of " + name_ + " in " + folder, errno,
                              "it has to be read twice to find the type of each column: name another folder in "
                              "TMPDIR, or declare every column that is used with --param name:type");
    }
    Status status = keep(head.data(), head.size());
    return status.ok() ? keep(rest.data(), rest.size()) : status;
}

Status CsvSource::keep(const char* data, size_t size) {
    while (size > 0) {
        const ssize_t written = write(kept_, data, size);
        if (written < 0 && errno == EINTR && interrupted() == 0) {
            continue;
        }
        if (interrupted() != 0) {
            return Status{kExitSignalBase + interrupted(), {}};
        }
        if (written < 0) {
            return system_failure("cannot keep a copy of " + name_, errno,
                                  "name a folder with more room in TMPDIR, or declare every column that is used with "
                                  "--param name:type");
        }
        data += written;
        size -= static_cast<size_t>(written);
    }
    return {};
}

Status CsvSource::read(char* buffer, size_t capacity, size_t& got) {
    got = 0;
    for (;;) {
        if (interrupted() != 0) {
            return Status{kExitSignalBase + interrupted(), {}};
        }
        const ssize_t count = from_copy_ || regular_
                                  ? pread(from_copy_ ? kept_ : descriptor_, buffer, capacity, position_)
                                  : ::read(descriptor_, buffer, capacity);
        if (count >= 0) {
            got = static_cast<size_t>(count);
            break;
        }
        if (errno != EINTR) {
            return system_failure("cannot read " + name_, errno);
        }
    }
    position_ += static_cast<int64_t>(got);
    return kept_ >= 0 && !from_copy_ ? keep(buffer, got) : Status{};
}

Status CsvSource::rewind() {
    if (kept_ >= 0 && !from_copy_) {
        from_copy_ = true;
        size_ = position_;
        start_ = 0;
    }
    position_ = start_;
    return {};
}

}  // namespace exprjit::cli
