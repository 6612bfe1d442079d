// SPDX-License-Identifier: MIT OR Apache-2.0
#include "line_reader.h"

#include "library.h"

namespace exprjit::cli {

bool LineReader::next(std::string& line) {
    constexpr size_t kReadBytes = size_t(64) << 10;
    const size_t longest = EngineLimits{}.max_text_bytes + 2;  // one byte too many, and the carriage return
    line.clear();
    for (bool any = false;;) {
        const size_t newline = buffer_.find('\n', position_);
        const size_t end = newline == std::string::npos ? buffer_.size() : newline;
        any = any || end > position_ || newline != std::string::npos;
        if (line.size() < longest) {
            line.append(buffer_, position_, std::min(end - position_, longest - line.size()));
        }
        position_ = newline == std::string::npos ? end : newline + 1;
        if (newline != std::string::npos || at_end_) {
            if (!any) {
                return false;
            }
            if (!line.empty() && line.back() == '\r') {
                line.pop_back();
            }
            if (++line_number_ == 1 && line.compare(0, 3, "\xef\xbb\xbf") == 0) {
                line.erase(0, 3);
            }
            return true;
        }
        before_waiting_();
        buffer_.resize(kReadBytes);
        position_ = 0;
        size_t got = 0;
        status_ = source_.read(buffer_.data(), buffer_.size(), got);
        buffer_.resize(got);
        at_end_ = got == 0;
        if (!status_.ok()) {
            return false;
        }
    }
}

}  // namespace exprjit::cli
