// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The reader of IR bytes. Private to decode*.cpp.
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "ir/region_links.h"
#include "wire/bytes.h"
#include "wire/codes.h"
#include "wire/enumerations.h"

namespace exprjit::wire {

// A vector of scalars, which may be absent. FlatBuffers' verifier leaves open whether the elements of 8 bytes are aligned.
template <class T>
class Scalars {
  public:
    explicit Scalars(const flatbuffers::Vector<T>* vector) {
        if (vector == nullptr) return;
        data_ = vector->Data();
        size_ = vector->size();
    }
    size_t size() const { return size_; }
    size_t bytes() const { return size_ * sizeof(T); }
    const uint8_t* data() const { return data_; }
    T operator[](size_t k) const {
        T t;
        std::memcpy(&t, data_ + k * sizeof(T), sizeof(T));
        return t;
    }

  private:
    const uint8_t* data_ = nullptr;
    size_t size_ = 0;
};

class Decoder {
  public:
    explicit Decoder(const Limits& limits) : limits_(limits) {}

    Result<Program> run(std::span<const uint8_t> bytes);

  private:
    Failure types(const schema::Program& program);
    Failure tables(const schema::Program& program);

    // decode_function.cpp
    Failure function(const schema::Function& from);
    Failure signature(const schema::Function& from);
    Failure nodes(const schema::Function& from);
    Failure name(uint32_t number, std::string& to);
    Failure type(uint8_t index, Type& to, std::string_view what, size_t k) const;
    Failure account(const schema::Function& from);
    Failure over(std::string_view what, size_t found, size_t limit) const;
    std::string here() const;               // "function 'f'"
    std::string here(uint16_t code) const;  // "function 'f', node %7 (add)"

    Failure damaged() const;
    Failure unknown_fields() const;

    Function& f() { return out_.functions.back(); }
    const Function& f() const { return out_.functions.back(); }

    const Limits& limits_;
    Program out_;
    const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>* names_ = nullptr;
    std::vector<Type> types_;
    RegionLinks links_;
    size_t size_ = 0;        // of all bytes
    size_t taken_ = 0;       // bytes of vectors of the functions read so far
    size_t nodes_ = 0;       // of all functions, parameters included
    size_t name_bytes_ = 0;  // of all names given so far
};

}  // namespace exprjit::wire
