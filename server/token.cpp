// SPDX-License-Identifier: MIT OR Apache-2.0
#include "token.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <strings.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace exprjit::server {

Sha256 sha256(std::string_view bytes) {
    Sha256 digest;
    SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
    return digest;
}

std::string Tokens::load(const std::string& path) {
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) {
        return path + " is a directory: name a file with one token per line";
    }
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        return "cannot read the token file " + path + ": " + std::strerror(errno);
    }
    std::ostringstream text;
    text << file.rdbuf();
    return parse(text.str(), path);
}

std::string Tokens::parse(std::string_view text, std::string_view source) {
    std::vector<Sha256> digests;
    int line_number = 0;
    while (!text.empty()) {
        ++line_number;
        const size_t newline = text.find('\n');
        std::string_view line = text.substr(0, newline);
        text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
        while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t')) {
            line.remove_suffix(1);
        }
        if (line.empty() || line.front() == '#') {
            continue;
        }
        const std::string where = "line " + std::to_string(line_number) + " of the token file " + std::string(source);
        if (line.size() < kShortest) {
            return where + " is too short: a token has at least 16 characters (openssl rand -hex 32 makes one)";
        }
        for (const char c : line) {
            if (c <= ' ' || c > '~') {
                return where + " has a character that cannot stand in a header: use letters and digits";
            }
        }
        digests.push_back(sha256(line));
    }
    if (digests.empty()) {
        return "the token file " + std::string(source) +
               " holds no token: one per line (openssl rand -hex 32 makes one)";
    }
    digests_ = std::move(digests);
    return "";
}

bool Tokens::allow(std::string_view authorization) const {
    constexpr std::string_view kScheme = "bearer ";
    if (authorization.size() <= kScheme.size() ||
        strncasecmp(authorization.data(), kScheme.data(), kScheme.size()) != 0) {
        return false;
    }
    const Sha256 given = sha256(authorization.substr(kScheme.size()));
    bool found = false;
    for (const Sha256& digest : digests_) {  // all of them, whichever fits
        found |= CRYPTO_memcmp(given.data(), digest.data(), digest.size()) == 0;
    }
    return found;
}

}  // namespace exprjit::server
