// SPDX-License-Identifier: MIT OR Apache-2.0
//
// From untrusted bytes to a Program: is it ours and of a version we know, do all offsets stay inside (FlatBuffers'
// verifier), then the program's own parts. Functions are in decode_function.cpp. Nothing is allocated by a length that was
// not first held against the bytes and the limits.
#include <algorithm>
#include <cstring>
#include <memory>

#include "ir/fixed_limit.h"
#include "wire/decoder.h"

namespace exprjit::wire {

namespace {

std::string version_text(unsigned major, unsigned minor) { return std::to_string(major) + "." + std::to_string(minor); }

// Program, its functions, nothing deeper.
constexpr uint32_t kDepth = 2;
constexpr size_t kFewestBytes = 12;  // an offset, the identifier, and a table of nothing

// Whether a table has fields that this library does not know. In bytes of a version it does know, there are none.
bool has_unknown_fields(const flatbuffers::Table& table, flatbuffers::voffset_t last_known) {
    return flatbuffers::ReadScalar<flatbuffers::voffset_t>(table.GetVTable()) > last_known + sizeof last_known;
}

template <class T>
const flatbuffers::Table& as_table(const T* t) {
    return *reinterpret_cast<const flatbuffers::Table*>(t);
}

Failure check_kind(std::span<const uint8_t> bytes, const Limits& limits) {
    if (bytes.size() > limits.max_text_bytes) {
        return failure(kWireLimit,
                       "there are " + std::to_string(bytes.size()) + " IR bytes; the limit max_text_bytes is " +
                           std::to_string(limits.max_text_bytes),
                       "raise max_text_bytes in ej_engine_options");
    }
    if (bytes.size() < kFewestBytes) {
        return failure(kWireFormat, std::to_string(bytes.size()) + " bytes are too few for a program",
                       "pass all bytes that ej_kernel_encode gave");
    }
    const char* const wanted = schema::ProgramIdentifier();
    const auto stands_at = [&](size_t at) {
        return bytes.size() >= at + 4 && std::memcmp(bytes.data() + at, wanted, 4) == 0;
    };
    if (stands_at(4)) return nullptr;
    if (stands_at(8)) {
        return failure(kWireFormat, "the IR bytes have a size prefix",
                       "leave the first 4 bytes out: the length is an argument of the call");
    }
    return failure(kWireFormat, std::string("these are no IR bytes: '") + wanted + "' does not stand at byte 4",
                   "IR bytes are made by ej_kernel_encode; IR text goes to ej_engine_compile_ir");
}

Failure check_version(const schema::Version& version) {
    const unsigned major = version.major(), minor = version.minor();
    if (major == kMajor && minor <= kMinor) return nullptr;
    const bool is_newer = major > kMajor || (major == kMajor && minor > kMinor);
    return failure(kWireVersion,
                   "the IR bytes have version " + version_text(major, minor) + "; this library reads " +
                       version_text(kMajor, 0) + (kMinor == 0 ? "" : " to " + version_text(kMajor, kMinor)),
                   is_newer ? "update exprjit, or encode with the version that is here"
                            : "encode the program again with this version");
}

}  // namespace

Failure Decoder::damaged() const {
    return failure(kWireDamaged, "the IR bytes are damaged: an offset or length in them leads outside",
                   "pass all bytes that ej_kernel_encode gave, unchanged");
}

Failure Decoder::types(const schema::Program& program) {
    const auto* const all = program.types();
    const size_t count = all != nullptr ? all->size() : 0;
    if (count > kMostTypes)
        return failure(kWireType, "there are " + std::to_string(count) + " types, more than can be told apart");
    for (size_t k = 0; k < count; ++k) {
        const schema::Type& t = *all->Get(static_cast<flatbuffers::uoffset_t>(k));
        bool good = false;
        switch (t.kind()) {
        case schema::Kind::Nothing:
            good = t.element() == schema::Element::None && t.extent() == 0 && t.is_mut() == 0;
            types_.push_back(kVoid);
            break;
        case schema::Kind::Value: {
            int log2 = 0;
            while (log2 < kMaxLaneLog2 && 1 << log2 < t.extent()) ++log2;
            good = is_element(t.element()) && static_cast<int>(from_wire(t.element())) < kScalarCount &&
                   1 << log2 == t.extent() && t.is_mut() == 0;
            if (good) types_.push_back(Type::lanes(static_cast<Scalar>(from_wire(t.element())), log2));
            break;
        }
        case schema::Kind::Array:
            good = is_element(t.element()) && t.extent() >= 1 && t.extent() <= kMaxRank && t.is_mut() <= 1;
            if (good) types_.push_back(Type::array(from_wire(t.element()), t.extent(), t.is_mut() == 1));
            break;
        }
        if (!good)
            return failure(kWireType, "type " + std::to_string(k) + " is none that this version knows",
                           "see proto/ir.fbs for what a type may be");
    }
    return nullptr;
}

Failure Decoder::tables(const schema::Program& program) {
    const Scalars<schema::Element> elements(program.table_elements());
    const Scalars<uint32_t> lengths(program.table_lengths());
    const Scalars<uint8_t> data(program.table_data());
    if (elements.size() != lengths.size()) {
        return failure(kWireCount, "there are element types of " + std::to_string(elements.size()) +
                                       " constant tables, but lengths of " + std::to_string(lengths.size()));
    }
    // An empty table costs something too, so that their number is bounded with their bytes.
    if (data.size() + lengths.size() > limits_.max_table_bytes) {
        return failure(kWireLimit,
                       "bytes in constant tables: " + std::to_string(data.size() + lengths.size()) + ", the limit is " +
                           std::to_string(limits_.max_table_bytes),
                       kFixedLimitHint);
    }
    out_.tables.reserve(lengths.size());
    size_t at = 0;
    for (size_t k = 0; k < lengths.size(); ++k) {
        if (!is_element(elements[k]))
            return failure(kWireType, "table " + std::to_string(k) + " has no element type that this version knows");
        const Storage storage = from_wire(elements[k]);
        const uint64_t bytes = uint64_t{lengths[k]} * byte_size(storage);
        if (bytes > data.size() - at) {
            return failure(kWireCount, "table " + std::to_string(k) + " needs " + std::to_string(bytes) +
                                           " bytes of data, but " + std::to_string(data.size() - at) + " are left");
        }
        ConstantTable& t = out_.tables.emplace_back();
        t.storage = storage;
        t.bytes.assign(data.data() + at, data.data() + at + bytes);
        at += bytes;
    }
    if (at != data.size())
        return failure(kWireCount, std::to_string(data.size() - at) + " bytes of table data belong to no table");
    return nullptr;
}

Result<Program> Decoder::run(std::span<const uint8_t> bytes) {
    if (Failure f = check_kind(bytes, limits_)) return f;
    // FlatBuffers reads its scalars where they stand.
    std::unique_ptr<uint64_t[]> aligned;
    if (reinterpret_cast<uintptr_t>(bytes.data()) % alignof(uint64_t) != 0) {
        aligned.reset(new uint64_t[(bytes.size() + 7) / 8]);
        std::memcpy(aligned.get(), bytes.data(), bytes.size());
        bytes = {reinterpret_cast<const uint8_t*>(aligned.get()), bytes.size()};
    }
    size_ = bytes.size();

    flatbuffers::Verifier::Options options;
    options.max_depth = kDepth;
    options.max_tables = static_cast<uint32_t>(1 + std::min<size_t>(limits_.max_functions, 1u << 20));
    if (!flatbuffers::Verifier(bytes.data(), size_, options).VerifyBuffer<schema::Version>(nullptr)) return damaged();
    if (Failure f = check_version(*flatbuffers::GetRoot<schema::Version>(bytes.data()))) return f;

    if (!flatbuffers::Verifier(bytes.data(), size_, options).VerifyBuffer<schema::Program>(nullptr)) {
        // Is it only that there are too many functions? Each costs the verifier a few steps and 4 bytes of input.
        options.max_tables = static_cast<uint32_t>(1 + size_ / 4);
        if (!flatbuffers::Verifier(bytes.data(), size_, options).VerifyBuffer<schema::Program>(nullptr))
            return damaged();
        return over("functions", flatbuffers::GetRoot<schema::Program>(bytes.data())->functions()->size(),
                    limits_.max_functions);
    }
    const schema::Program& program = *flatbuffers::GetRoot<schema::Program>(bytes.data());
    if (has_unknown_fields(as_table(&program), schema::Program::VT_FUNCTIONS)) return unknown_fields();
    if ((program.permissions() & ~kKnownFlags) != 0) {
        return failure(kWireType, "the program asks for permissions " + std::to_string(program.permissions()) +
                                      ", of which this version knows those in " + std::to_string(kKnownFlags));
    }
    out_.flags = program.permissions();
    names_ = program.names();
    if (Failure f = types(program)) return f;
    if (Failure f = tables(program)) return f;
    const auto* const functions = program.functions();
    const uint32_t count = functions != nullptr ? functions->size() : 0;
    out_.functions.reserve(count);
    for (uint32_t k = 0; k < count; ++k) {
        const schema::Function& f = *functions->Get(k);
        if (has_unknown_fields(as_table(&f), schema::Function::VT_IMMEDIATES)) return unknown_fields();
        if (Failure failed = function(f)) return failed;
    }
    return std::move(out_);
}

Failure Decoder::unknown_fields() const {
    return failure(kWireDamaged,
                   "the IR bytes have fields that version " + version_text(kMajor, kMinor) + " does not have",
                   "whoever writes newer fields must write the newer version, too");
}

Result<Program> decode(std::span<const uint8_t> bytes, const Limits& limits) { return Decoder(limits).run(bytes); }

}  // namespace exprjit::wire
