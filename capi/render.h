// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "error.h"

namespace exprjit::capi {

// Where a byte offset lies in a text. Lines end at LF; a CR before it belongs to the line end.
struct Place {
    int32_t line = 1;       // from 1
    int32_t column = 1;     // from 1, in code points
    size_t line_begin = 0;  // offset of the line's first byte
    size_t line_end = 0;    // of its line end
};

// Finds places; offsets that ascend cost linear time in all.
class LineFinder {
  public:
    explicit LineFinder(std::string_view text) : text_(text) {}
    Place find(size_t offset);

  private:
    std::string_view text_;
    size_t line_begin_ = 0;
    int32_t line_ = 1;
};

// Appends every diagnostic of `error` as a person reads it: what is wrong, the source line, carets under the place, and
// the hint. Tabs are shown as four spaces, characters take the columns a terminal gives them, control characters are
// replaced, and long lines are cut to a window around the place.
void render(const ej_error& error, const Source& source, std::string& out);

}  // namespace exprjit::capi
