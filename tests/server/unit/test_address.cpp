// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Where the server may listen, and with what protection.
#include <gtest/gtest.h>

#include "address.h"

namespace exprjit::server {
namespace {

Address parsed(const std::string& text) {
    Address address;
    std::string why;
    EXPECT_TRUE(parse_address(text, address, why)) << text << ": " << why;
    return address;
}

TEST(Address, LoopbackIsEveryAddressOfThisMachineAlone) {
    for (const char* text :
         {"127.0.0.1:1", "127.8.9.1:0", "localhost:50051", "[::1]:7", "[::ffff:127.0.0.1]:7", "unix:/run/x.sock"}) {
        EXPECT_TRUE(parsed(text).is_loopback) << text;
    }
    for (const char* text :
         {"0.0.0.0:1", "*:1", "192.168.1.1:65535", "128.0.0.1:1", "[::]:1", "[::ffff:1.2.3.4]:1", "[fe80::1]:1"}) {
        EXPECT_FALSE(parsed(text).is_loopback) << text;
    }
}

TEST(Address, TextIsWhatAClientCanBeGiven) {
    EXPECT_EQ(parsed("localhost:50051").text(), "127.0.0.1:50051");
    EXPECT_EQ(parsed("[::1]:5").text(), "[::1]:5");
    EXPECT_EQ(parsed("unix:///run/x.sock").text(), "unix:/run/x.sock");
    EXPECT_EQ(parsed("unix:x.sock").text(), "unix:x.sock");
}

TEST(Address, WrongOnesAreExplained) {
    for (const std::string& text :
         {std::string(""), std::string("127.0.0.1"), std::string("127.0.0.1:65536"), std::string("127.0.0.1:-1"),
          std::string("127.0.0.1:"), std::string("example.org:1"), std::string("[::1:1"), std::string("::1:1"),
          std::string("unix:"), "unix:/" + std::string(120, 'x'), std::string(":1")}) {
        Address address;
        std::string why;
        EXPECT_FALSE(parse_address(text, address, why)) << text;
        EXPECT_FALSE(why.empty()) << text;
    }
}

TEST(Address, AnythingBeyondThisMachineNeedsTlsAndToken) {
    for (const char* text : {"0.0.0.0:1", "10.0.0.1:1", "[::]:1"}) {
        const Address address = parsed(text);
        EXPECT_NE(reason_to_refuse(address, {}), "");
        EXPECT_NE(reason_to_refuse(address, {.tls = true}).find("--token-file"), std::string::npos);
        EXPECT_NE(reason_to_refuse(address, {.token = true}).find("--tls-cert"), std::string::npos);
        EXPECT_EQ(reason_to_refuse(address, {.tls = true, .token = true}), "");
        EXPECT_EQ(reason_to_refuse(address, {.insecure = true}), "");
    }
    EXPECT_EQ(reason_to_refuse(parsed("127.0.0.1:1"), {}), "");
    EXPECT_EQ(reason_to_refuse(parsed("unix:/x"), {}), "");
}

TEST(Address, AMappedAddressIsTheIpv4AddressInIt) {
    Address address;
    std::string why;
    ASSERT_TRUE(parse_address("[::ffff:127.0.0.1]:7", address, why)) << why;
    EXPECT_FALSE(address.is_ipv6);
    EXPECT_EQ(address.text(), "127.0.0.1:7");
}

}  // namespace
}  // namespace exprjit::server
