// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace exprjit::cli {

// Writes JSON, two spaces of indentation per level. The caller opens and closes in pairs.
class JsonText {
  public:
    void open_object(std::string_view key = {}) { open(key, '{'); }
    void close_object() { close('}'); }
    void open_array(std::string_view key = {}) { open(key, '['); }
    void close_array() { close(']'); }

    // In an object with a key, in an array without.
    void text(std::string_view key, std::string_view value);
    void number(std::string_view key, double value);  // infinities and NaN, which JSON lacks, are null
    void integer(std::string_view key, int64_t value);
    void boolean(std::string_view key, bool value);
    void null(std::string_view key);

    // The whole document with a newline at its end.
    std::string finish() { return text_ + "\n"; }

  private:
    void open(std::string_view key, char bracket);
    void close(char bracket);
    void begin_item(std::string_view key);
    void append_string(std::string_view value);

    std::string text_;
    int depth_ = 0;
    bool first_ = true;
};

}  // namespace exprjit::cli
