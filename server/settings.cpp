// SPDX-License-Identifier: MIT OR Apache-2.0
#include "settings.h"

#include <grpc/compression.h>
#include <grpc/grpc.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/impl/server_builder_option.h>
#include <grpcpp/impl/server_builder_plugin.h>
#include <grpcpp/resource_quota.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/resource.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "log.h"
#include "program_check.h"

namespace exprjit::server {
namespace {

void log_engine(ej_log_level level, const char* message, void* /*user_data*/) {
    log_event(level <= EJ_LOG_ERROR     ? LogLevel::kError
              : level == EJ_LOG_WARNING ? LogLevel::kWarning
              : level == EJ_LOG_INFO    ? LogLevel::kInfo
                                        : LogLevel::kDebug,
              "engine", {{"message", std::string(message)}});
}

std::string read_file(const std::string& path, std::string& content) {
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    content = text.str();
    if (!file || content.empty()) {
        return "cannot read " + path + ": " + (errno != 0 ? std::strerror(errno) : "it is empty");
    }
    return "";
}

// gRPC would accept any text and then fail every handshake; a person wants to hear of it at the start.
std::string check_pair(const Options& options) {
    SSL_CTX* context = SSL_CTX_new(TLS_server_method());
    std::string why;
    if (SSL_CTX_use_certificate_chain_file(context, options.tls_cert.c_str()) != 1) {
        why = "--tls-cert: " + options.tls_cert + " holds no certificate in PEM form";
    } else if (SSL_CTX_use_PrivateKey_file(context, options.tls_key.c_str(), SSL_FILETYPE_PEM) != 1) {
        why =
            "--tls-key: " + options.tls_key + " is not the private key (PEM) of the certificate in " + options.tls_cert;
    } else if (!options.tls_client_ca.empty() &&
               SSL_CTX_load_verify_locations(context, options.tls_client_ca.c_str(), nullptr) != 1) {
        why = "--tls-client-ca: " + options.tls_client_ca + " holds no certificate in PEM form";
    }
    SSL_CTX_free(context);
    ERR_clear_error();
    return why;
}

// The library of the reflection service adds it to every server as soon as it is loaded; this takes it away again.
class WithoutReflection final : public grpc::ServerBuilderOption {
  public:
    void UpdateArguments(grpc::ChannelArguments* /*arguments*/) override {}
    void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
        std::erase_if(*plugins,
                      [](const auto& plugin) { return plugin->name().find("reflection") != std::string::npos; });
    }
};

}  // namespace

std::string make_engine(const Options& options, ej_engine** engine) {
    ej_engine_options engine_options{};
    engine_options.struct_size = sizeof engine_options;
    engine_options.isa = options.isa == "v2"   ? EJ_ISA_V2
                         : options.isa == "v3" ? EJ_ISA_V3
                         : options.isa == "v4" ? EJ_ISA_V4
                                               : EJ_ISA_AUTO;
    engine_options.code_memory = options.code_memory == "none"   ? EJ_CODE_MEMORY_NONE
                                 : options.code_memory == "dual" ? EJ_CODE_MEMORY_DUAL
                                                                 : EJ_CODE_MEMORY_SEALED;
    engine_options.cache_bytes = static_cast<size_t>(options.limits.cache_bytes);
    engine_options.log = log_engine;
    engine_options.log_level = log_wants(LogLevel::kDebug) ? EJ_LOG_DEBUG : EJ_LOG_WARNING;
    engine_options.max_text_bytes =
        static_cast<size_t>(std::max(options.limits.max_text_bytes, options.limits.max_ir_bytes));
    engine_options.max_nodes = static_cast<size_t>(options.limits.max_nodes);
    engine_options.max_nesting = static_cast<size_t>(options.limits.max_nesting);
    engine_options.max_code_bytes = static_cast<size_t>(options.limits.max_code_bytes);
    engine_options.max_compile_ns = static_cast<uint64_t>(options.limits.max_compile_ms) * 1'000'000;
    ej_error* error = nullptr;
    if (ej_engine_create(&engine_options, engine, &error) == EJ_OK) {
        return "";
    }
    const std::string why = std::string("the engine cannot be made: ") + ej_error_message(error);
    ej_error_destroy(error);
    return why;
}

std::string make_credentials(const Options& options, std::shared_ptr<grpc::ServerCredentials>& credentials) {
    if (options.tls_cert.empty()) {
        credentials = grpc::InsecureServerCredentials();
        return "";
    }
    grpc::SslServerCredentialsOptions tls(options.tls_client_ca.empty()
                                              ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
                                              : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    grpc::SslServerCredentialsOptions::PemKeyCertPair pair;
    std::string why = read_file(options.tls_cert, pair.cert_chain);
    why = why.empty() ? read_file(options.tls_key, pair.private_key) : why;
    if (why.empty() && !options.tls_client_ca.empty()) {
        why = read_file(options.tls_client_ca, tls.pem_root_certs);
    }
    why = why.empty() ? check_pair(options) : why;
    if (why.empty()) {
        tls.pem_key_cert_pairs.push_back(std::move(pair));
        credentials = grpc::SslServerCredentials(tls);
    }
    return why;
}

void apply_settings(const Limits& limits, grpc::ServerBuilder& builder) {
    const auto set = [&](const char* name, int64_t value) {
        builder.AddChannelArgument(name, static_cast<int>(std::min<int64_t>(value, INT32_MAX)));
    };
    // What is a little too large is refused by us, with an ErrorDetail (check_message_size); gRPC's own refusal has none.
    constexpr size_t kToBeRefusedWell = 1 << 20;
    const auto message = static_cast<size_t>(limits.max_message_bytes) + kBesidesBatch;
    builder.SetMaxReceiveMessageSize(static_cast<int>(message + kToBeRefusedWell));
    builder.SetMaxSendMessageSize(static_cast<int>(message));
    set(GRPC_ARG_MAX_CONCURRENT_STREAMS, limits.max_calls_per_connection);
    set(GRPC_ARG_MAX_METADATA_SIZE, limits.max_metadata_bytes);
    set(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, limits.handshake_ms);
    set(GRPC_ARG_MAX_CONNECTION_IDLE_MS, limits.connection_idle_ms);
    set(GRPC_ARG_MAX_CONNECTION_AGE_MS, limits.connection_age_ms);
    set(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, limits.connection_age_grace_ms);
    set(GRPC_ARG_KEEPALIVE_TIME_MS, limits.keepalive_ms);
    set(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, limits.keepalive_timeout_ms);
    set(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
    set(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, limits.min_ping_interval_ms);
    set(GRPC_ARG_ALLOW_REUSEPORT, 0);
    // A few kilobytes of zeros compressed would be gigabytes; a compressed request is refused.
    builder.SetDefaultCompressionAlgorithm(GRPC_COMPRESS_NONE);
    for (const grpc_compression_algorithm algorithm : {GRPC_COMPRESS_DEFLATE, GRPC_COMPRESS_GZIP}) {
        builder.SetCompressionAlgorithmSupportStatus(algorithm, false);
    }
    grpc::ResourceQuota quota("exprjit");
    quota.Resize(static_cast<size_t>(limits.max_grpc_memory_bytes));
    quota.SetMaxThreads(static_cast<int>(limits.max_grpc_threads));
    builder.SetResourceQuota(quota);
}

void choose_reflection(bool on, grpc::ServerBuilder& builder) {
    if (on) {
        grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    } else {
        builder.SetOption(std::make_unique<WithoutReflection>());
    }
}

size_t raise_descriptor_limit() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}

}  // namespace exprjit::server
