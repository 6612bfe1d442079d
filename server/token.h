// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Bearer tokens. The server keeps their digests only, and compares in a time that does not depend on the bytes.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace exprjit::server {

using Sha256 = std::array<uint8_t, 32>;
Sha256 sha256(std::string_view bytes);

class Tokens {
  public:
    static constexpr size_t kShortest = 16;

    // One token per line; empty lines and lines with # in front are skipped. Several are valid at once, so that one can be replaced
    // without an interruption. "" or a sentence that says what is wrong.
    std::string load(const std::string& path);
    // The same for text that has been read.
    std::string parse(std::string_view text, std::string_view source);

    bool are_required() const { return !digests_.empty(); }
    // `authorization`: the value of the header, "Bearer TOKEN".
    bool allow(std::string_view authorization) const;

  private:
    std::vector<Sha256> digests_;
};

}  // namespace exprjit::server
