// SPDX-License-Identifier: MIT OR Apache-2.0
//
// /metrics and /healthz for whatever watches over the server, on the loopback interface only.
#pragma once

#include <functional>
#include <memory>
#include <string>

namespace exprjit::server {

class HttpPage {
  public:
    // `healthy`: what /healthz asks; 200 or 503.
    HttpPage(std::function<std::string()> metrics, std::function<bool()> healthy);
    ~HttpPage();
    HttpPage(const HttpPage&) = delete;
    HttpPage& operator=(const HttpPage&) = delete;

    // Port 0 takes a free one. The port, or 0 if it cannot be had.
    int start(int port);

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace exprjit::server
