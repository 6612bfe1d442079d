// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The two keys of the cache. The front key is everything a caller said: text, parameters, options. The canonical key is
// what that means: the IR without names, positions and spans, with constants by their bits, and what the code depends
// on. Both are byte strings; a hash finds them and all bytes are compared.
#pragma once

#include <span>
#include <vector>

#include "ir/program.h"
#include "runtime/bytes.h"
#include "runtime/request.h"

namespace exprjit {

// Overwrites `out`. The text is its end, followed by one NUL, so that a stored key serves as the stored source.
void write_front_key(const CompileRequest& request, Bytes& out);

// The request a front key was written from, without its definitions; its views point into the key. `params` receives the parameters.
CompileRequest read_front_key(std::span<const uint8_t> key, std::vector<TextParam>& params);

// The text in it alone.
std::string_view text_of_front_key(std::span<const uint8_t> key);

// What it is: text, IR text, or something that is no text.
SourceKind kind_of_front_key(std::span<const uint8_t> key);

// Gives the checks of a program the numbers 0, 1, … in place of the positions the front end put there, and writes to
// `places` where they stood, so that texts which differ in spaces only share code and still report their own positions.
// Of IR the sites are numbers with a meaning of their own: places hold them as {site, site}.
void number_checks(Program& program, SourceKind kind, std::vector<Span>& places);

// What the machine code depends on besides the IR.
struct CodeTraits {
    Tier tier = Tier::Optimised;
    Isa isa = Isa::None;
    uint32_t flags = 0;  // the request's and the program's
};

// Overwrites `out`. Two programs get the same bytes exactly if they are the same node for node, names apart.
void write_canonical_key(const Program& program, const CodeTraits& traits, Bytes& out);

}  // namespace exprjit
