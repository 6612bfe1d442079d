// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the tool says to people, all of it on standard error.
#pragma once

#include <string>
#include <string_view>

#include "status.h"

namespace exprjit::cli {

struct Messages {
    bool colour = false;
    bool quiet = false;
    bool verbose = false;
    bool live = false;  // standard error is a terminal that can redraw a line
};

enum class ColourChoice { kAuto, kAlways, kNever };

// Decides by the choice, NO_COLOR, TERM=dumb and whether standard error is a terminal.
Messages make_messages(ColourChoice choice, bool quiet, bool verbose);

// Writes `text` to standard error, with "error:", "hint:" and lines of carets in colour where colour is on. Failure to
// write is ignored: there is nobody left to tell.
void say(const Messages& messages, std::string_view text);

// Writes the text of a failed status; nothing for success.
void say(const Messages& messages, const Status& status);

// Only with -v.
void say_detail(const Messages& messages, std::string_view text);

// The text of a library error, as a person reads it, with the exit code that belongs to it. Destroys `error`, which may
// be NULL when the library had no memory left for one.
Status library_failure(ej_status status, ej_error* error, Phase phase);

}  // namespace exprjit::cli
