// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What a message with a program may be, looked at before protobuf makes objects of it: an empty parameter is two bytes in a
// message and sixty in memory.
#pragma once

#include <cstddef>
#include <string_view>

#include "problem.h"

namespace google::protobuf::io {
class ZeroCopyInputStream;
}

namespace exprjit::server {

struct Limits;

// Names, dtypes and the program go with a batch of max-message-bytes.
inline constexpr size_t kBesidesBatch = 64 << 10;

// A whole request, whatever is in it.
Outcome check_message_size(size_t size, const Limits& limits);
// The bytes of a Program, or of what holds nothing else.
Outcome check_program_size(size_t size, const Limits& limits);
// How the program lies in the message: fields within fields, the last one a Program.
enum class ProgramPlace { kCompileRequest, kProgramRef, kExplainRequest };
// The lengths of text and IR and the number of parameters. What is no message at all is left for protobuf to say.
Outcome check_program(google::protobuf::io::ZeroCopyInputStream& source, size_t size, ProgramPlace place,
                      const Limits& limits);
Outcome check_program(std::string_view bytes, ProgramPlace place, const Limits& limits);

}  // namespace exprjit::server
