// SPDX-License-Identifier: MIT OR Apache-2.0
#include "progress.h"

#include "number_text.h"

namespace exprjit::cli {

double Progress::seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

void Progress::show(const char* what, int64_t rows, int64_t bytes, int64_t total_bytes) {
    const Clock::time_point now = Clock::now();
    if (!messages_.live || now - drawn_ < std::chrono::milliseconds(100)) {
        return;
    }
    drawn_ = now;
    visible_ = true;
    std::string line = "\r\x1b[K";
    line += what;
    line += ": " + grouped(rows) + " rows";
    if (total_bytes > 0) {
        line += ", " + std::to_string(bytes * 100 / total_bytes) + " %";
    } else {
        line += ", " + three_digits(static_cast<double>(bytes) / 1e6) + " MB";
    }
    say(messages_, line);
}

void Progress::clear() {
    if (visible_) {
        say(messages_, "\r\x1b[K");
        visible_ = false;
    }
}

std::string scaled(double value) {
    if (value >= 1e9) {
        return three_digits(value / 1e9) + " G";
    }
    if (value >= 1e6) {
        return three_digits(value / 1e6) + " M";
    }
    if (value >= 1e3) {
        return three_digits(value / 1e3) + " k";
    }
    return three_digits(value);
}

}  // namespace exprjit::cli
