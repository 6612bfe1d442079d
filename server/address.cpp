// SPDX-License-Identifier: MIT OR Apache-2.0
#include "address.h"

#include <arpa/inet.h>
#include <sys/un.h>

#include <charconv>
#include <cstring>

namespace exprjit::server {
namespace {

bool read_port(std::string_view text, uint16_t& port) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return error == std::errc() && end == text.data() + text.size();
}

bool is_loopback_v4(const in_addr& address) { return (ntohl(address.s_addr) >> 24) == 127; }

}  // namespace

std::string Address::text() const {
    if (is_unix) {
        return "unix:" + host;
    }
    return (is_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

bool parse_address(std::string_view text, Address& out, std::string& why) {
    out = Address();
    if (text.starts_with("unix:")) {
        out.is_unix = true;
        out.is_loopback = true;
        out.host = text.substr(5);
        if (out.host.starts_with("//")) {
            out.host.erase(0, 2);  // unix:///run/x.sock, as some clients write it
        }
        if (out.host.empty() || out.host.find('\0') != std::string::npos) {
            why = "an address unix: needs a path: unix:/run/exprjit/exprjit.sock";
            return false;
        }
        if (out.host.size() >= sizeof(sockaddr_un::sun_path)) {
            why = "the path of a unix socket has at most " + std::to_string(sizeof(sockaddr_un::sun_path) - 1) +
                  " bytes; this one has " + std::to_string(out.host.size());
            return false;
        }
        return true;
    }
    const size_t colon = text.rfind(':');
    if (colon == std::string_view::npos || !read_port(text.substr(colon + 1), out.port)) {
        why = "'" + std::string(text) + "' is no address: write unix:PATH, HOST:PORT or [IPV6]:PORT (port 0 to 65535)";
        return false;
    }
    std::string_view host = text.substr(0, colon);
    if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
        out.is_ipv6 = true;
    }
    out.host = host == "localhost" ? "127.0.0.1" : host == "*" ? "0.0.0.0" : std::string(host);
    in_addr v4{};
    in6_addr v6{};
    if (out.is_ipv6) {
        if (inet_pton(AF_INET6, out.host.c_str(), &v6) == 1) {
            if (IN6_IS_ADDR_V4MAPPED(&v6)) {  // an IPv4 address; a socket for IPv6 alone cannot have it
                std::memcpy(&v4, v6.s6_addr + 12, sizeof v4);
                char dotted[INET_ADDRSTRLEN];
                out.host = inet_ntop(AF_INET, &v4, dotted, sizeof dotted);
                out.is_ipv6 = false;
                out.is_loopback = is_loopback_v4(v4);
                return true;
            }
            out.is_loopback = IN6_IS_ADDR_LOOPBACK(&v6);
            return true;
        }
    } else if (inet_pton(AF_INET, out.host.c_str(), &v4) == 1) {
        out.is_loopback = is_loopback_v4(v4);
        return true;
    }
    why = "'" + out.host + "' is no IP address: names are not resolved here, write the address itself, localhost or *";
    return false;
}

std::string reason_to_refuse(const Address& address, const Protection& protection) {
    if (address.is_loopback || protection.insecure || (protection.tls && protection.token)) {
        return "";
    }
    const char* missing = protection.tls     ? "a token (--token-file)"
                          : protection.token ? "TLS (--tls-cert and --tls-key)"
                                             : "TLS (--tls-cert and --tls-key) and a token (--token-file)";
    return "listening on " + address.text() + ", which other machines can reach, needs " + missing +
           "; give it, listen on a unix socket or on 127.0.0.1 instead, or say --insecure if something else protects "
           "it";
}

}  // namespace exprjit::server
