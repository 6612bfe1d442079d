// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Where the server listens, and where it must not.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace exprjit::server {

struct Address {
    bool is_unix = false;
    bool is_ipv6 = false;
    std::string host;   // a path for a unix socket, an IP address otherwise
    uint16_t port = 0;  // 0: any free one
    bool is_loopback = false;

    // "unix:/run/exprjit.sock", "127.0.0.1:50051", "[::1]:50051": what a client can be given.
    std::string text() const;
};

// Reads "unix:PATH", "HOST:PORT" or "[IPV6]:PORT", where HOST is an IP address, "localhost" or "*". Names are not resolved:
// what they stand for could change between the check and the bind. False with a sentence in `why`.
bool parse_address(std::string_view text, Address& out, std::string& why);

struct Protection {
    bool tls = false;
    bool token = false;
    bool insecure = false;
};

// Why the server must not listen there with this protection, and what to do about it; "" if it may.
std::string reason_to_refuse(const Address& address, const Protection& protection);

}  // namespace exprjit::server
