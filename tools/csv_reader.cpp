// SPDX-License-Identifier: MIT OR Apache-2.0
#include "csv_reader.h"

#include <algorithm>
#include <cstring>

#include "csv_scan.h"

namespace exprjit::cli {
namespace {

// A batch is what fits in the buffer. A record that does not fit makes the buffer grow, up to the limit: the only
// reason memory ever depends on the file, and what an unclosed quote in a huge file runs into.
constexpr size_t kBufferBytes = size_t(4) << 20;
constexpr size_t kMaxRecordBytes = size_t(256) << 20;

constexpr std::string_view kBom = "\xef\xbb\xbf";

}  // namespace

CsvStep CsvReader::fail(Status status) {
    status_ = std::move(status);
    return CsvStep::kFailed;
}

CsvReader::Scan CsvReader::fail_at(int64_t line, const std::string& message, const std::string& hint) {
    status_ = failure(kExitFailed, source_.name() + ", line " + std::to_string(line) + ": " + message, hint);
    return Scan::kFailed;
}

Status CsvReader::prepare_second_pass() {
    // At most the byte order mark has left the buffer.
    const std::string_view head = bytes_before_buffer_ > 0 ? kBom : std::string_view();
    return source_.keep_for_second_pass(head, std::string_view(buffer_.data(), filled_));
}

Status CsvReader::rewind() {
    cursor_ = filled_ = 0;
    bytes_before_buffer_ = 0;
    line_ = 1;
    started_ = at_end_ = records_in_batch_ = false;
    return source_.rewind();
}

// Moves what is left to the front and reads on. False on failure.
bool CsvReader::refill() {
    if (buffer_.empty()) {
        buffer_.resize(kBufferBytes);
    }
    if (cursor_ > 0) {
        std::memmove(buffer_.data(), buffer_.data() + cursor_, filled_ - cursor_);
        bytes_before_buffer_ += static_cast<int64_t>(cursor_);
        filled_ -= cursor_;
        cursor_ = 0;
    } else if (filled_ == buffer_.size()) {
        if (buffer_.size() >= kMaxRecordBytes) {
            status_ = failure(kExitLimit,
                              source_.name() + ", line " + std::to_string(line_) + ": the record is larger than " +
                                  std::to_string(kMaxRecordBytes >> 20) + " MiB",
                              "is a quoted cell that begins here never closed?");
            return false;
        }
        buffer_.resize(buffer_.size() * 2);
    }
    // A record that was incomplete is scanned again from its beginning: it must have doubled by then, or a large one
    // that comes through a pipe in small pieces would take quadratic time.
    const size_t wanted = std::min(filled_ * 2, buffer_.size());
    do {
        size_t got = 0;
        status_ = source_.read(buffer_.data() + filled_, buffer_.size() - filled_, got);
        filled_ += got;
        at_end_ = status_.ok() && got == 0;
    } while (status_.ok() && !at_end_ && filled_ < wanted);
    return status_.ok();
}

CsvReader::Scan CsvReader::scan_record(const char* at, const char* end, CsvRecord& record) {
    cell_ends_.clear();
    line_breaks_ = 0;
    record.begin = at;
    record.line = line_;
    record.cell_ends = &cell_ends_;
    for (;;) {  // one cell each time
        bool quoted = false;
        const char* const cell = at;
        if (at < end && *at == '"') {
            quoted = true;
            ++at;
            for (;;) {
                const auto* quote = static_cast<const char*>(std::memchr(at, '"', static_cast<size_t>(end - at)));
                if (quote == nullptr) {
                    return at_end_ ? fail_at(line_ + std::count(record.begin, cell, '\n'),
                                             "the quoted cell that begins here is never closed",
                                             "a quote inside a quoted cell is written twice")
                                   : Scan::kIncomplete;
                }
                line_breaks_ += std::count(at, quote, '\n');
                at = quote + 1;
                if (at == end && !at_end_) {
                    return Scan::kIncomplete;
                }
                if (at == end || *at != '"') {
                    break;
                }
                ++at;
            }
        } else {
            at = find_cell_end(at, end, delimiter_);
        }
        if (at == end && !at_end_) {
            return Scan::kIncomplete;
        }
        if (at < end && *at == delimiter_) {
            cell_ends_.push_back(at++);
            continue;
        }
        // The record ends here: at a line feed (with a carriage return before it or not), or at the end of the file.
        record.body_end = at;
        if (quoted && at < end && *at == '\r') {
            if (at + 1 == end && !at_end_) {
                return Scan::kIncomplete;
            }
            ++at;
        } else if (!quoted && at > cell && at[-1] == '\r') {
            record.body_end = at - 1;
        }
        if (at < end && *at != '\n') {
            return fail_at(line_ + line_breaks_, "there is text after the closing quote of a cell",
                           "a quote inside a quoted cell is written twice, and nothing may stand between the closing "
                           "quote and the delimiter (--delimiter tells which one it is)");
        }
        cell_ends_.push_back(record.body_end);
        if (at < end) {
            ++line_breaks_;
            ++at;
        }
        record.end = at;
        return Scan::kComplete;
    }
}

CsvStep CsvReader::next(CsvRecord& record) {
    if (!started_) {
        started_ = true;
        while (filled_ < kBom.size() && !at_end_) {
            if (!refill()) {
                return CsvStep::kFailed;
            }
        }
        const std::string_view head(buffer_.data(), filled_);
        has_bom_ = head.substr(0, kBom.size()) == kBom;
        if (has_bom_) {
            cursor_ = kBom.size();
        } else if (head.substr(0, 2) == "\xff\xfe" || head.substr(0, 2) == "\xfe\xff") {
            return fail(failure(kExitFailed, source_.name() + ": the file is in UTF-16",
                                "convert it first: iconv -f UTF-16 -t UTF-8 IN > OUT"));
        }
    }
    for (;;) {
        if (cursor_ < filled_) {
            const char* const data = buffer_.data();
            const Scan scan = scan_record(data + cursor_, data + filled_, record);
            if (scan == Scan::kFailed) {
                return CsvStep::kFailed;
            }
            if (scan == Scan::kComplete) {
                cursor_ = static_cast<size_t>(record.end - data);
                line_ += line_breaks_;
                records_in_batch_ = true;
                return CsvStep::kRecord;
            }
        }
        if (records_in_batch_) {
            records_in_batch_ = false;
            return CsvStep::kBatchEnd;
        }
        if (at_end_) {
            return CsvStep::kEnd;
        }
        if (!refill()) {
            return CsvStep::kFailed;
        }
    }
}

std::string_view unquoted_cell(std::string_view raw, std::string& scratch) {
    if (raw.size() < 2 || raw.front() != '"') {
        return raw;
    }
    raw = raw.substr(1, raw.size() - 2);
    if (raw.find('"') == std::string_view::npos) {
        return raw;
    }
    scratch.clear();
    for (size_t i = 0; i < raw.size(); ++i) {
        scratch += raw[i];
        i += raw[i] == '"' ? 1 : 0;  // the second of a pair
    }
    return scratch;
}

void append_cell(std::string& out, std::string_view text, char delimiter) {
    const char special[] = {delimiter, '"', '\r', '\n'};
    if (text.find_first_of(std::string_view(special, sizeof special)) == std::string_view::npos) {
        out += text;
        return;
    }
    out += '"';
    for (const char c : text) {
        out.append(c == '"' ? 2 : 1, c);
    }
    out += '"';
}

}  // namespace exprjit::cli
