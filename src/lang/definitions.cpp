// SPDX-License-Identifier: MIT OR Apache-2.0
#include "lang/definitions.h"

#include <algorithm>
#include <unordered_set>

#include "lang/diagnostics.h"
#include "lang/lexer.h"
#include "lang/parser.h"

namespace exprjit {

namespace {

using lang::Builtins;
using lang::Diagnostics;
using lang::Problem;
using lang::quoted;
using lang::Tok;
using lang::Token;

constexpr size_t kMostParams = 256;
constexpr const char* kForm = "write it as in f(x, y) = x*y + 1";

// Reads what stands before the body: the name, the parameters and the equals sign.
class HeadReader {
  public:
    HeadReader(Definition& d, Diagnostics& diagnostics) : d_(d), diagnostics_(diagnostics) {
        lexer_.reset(d.text, Builtins::get(), diagnostics);
    }

    bool run() {
        lexer_.next(token_);
        if (!name() || !parameters()) return false;
        if (token_.kind != Tok::Assign) return expected("= and an expression after the parameters");
        d_.body = token_.end;
        return diagnostics_.empty();
    }

  private:
    std::string_view text() const { return std::string_view(d_.text).substr(token_.begin, token_.end - token_.begin); }

    bool fail(Problem problem, std::string message, std::string hint) {
        diagnostics_.report(problem, token_.span(), std::move(message), std::move(hint));
        return false;
    }
    bool expected(const std::string& what) {
        const std::string found = token_.kind == Tok::End ? "the end of the text" : quoted(text());
        return fail(Problem::BadDefinition, "expected " + what + ", found " + found, kForm);
    }

    bool name() {
        if (token_.kind == Tok::Quoted)
            return fail(Problem::BadDefinition, "a function's name stands without backquotes",
                        "use letters, digits and _");
        if (token_.kind != Tok::Name) {
            const bool is_word = token_.kind >= Tok::True && token_.kind <= Tok::Or && !text().empty() &&
                                 ((text()[0] | 0x20) >= 'a' && (text()[0] | 0x20) <= 'z');
            if (is_word) return taken("a reserved word");
            return expected("the name of a function");
        }
        switch (Builtins::get().entry(token_.builtin).kind) {
        case Builtins::Kind::None: break;
        case Builtins::Kind::Constant: return taken("a constant of the language");
        case Builtins::Kind::Word: return taken("a reserved word");
        default: return taken("a function of the language");
        }
        d_.name = text();
        lexer_.next(token_);
        return true;
    }
    bool taken(const char* by) {
        return fail(Problem::DefinitionName, quoted(text()) + " is " + by, "choose another name for the function");
    }

    bool parameters() {
        if (token_.kind != Tok::LParen) return expected("( and the parameters after the name");
        lexer_.next(token_);
        if (token_.kind == Tok::RParen) {
            lexer_.next(token_);
            return true;
        }
        for (;;) {
            if (token_.kind != Tok::Name && token_.kind != Tok::Quoted) return expected("the name of a parameter");
            std::string name(text());
            if (token_.kind == Tok::Quoted) {
                name = name.substr(1, name.size() - 2);
                for (size_t i = 0; (i = name.find("``", i)) != std::string::npos; ++i) name.erase(i, 1);
            }
            if (std::find(d_.params.begin(), d_.params.end(), name) != d_.params.end())
                return fail(Problem::DuplicateParameter, "two parameters have the name " + quoted(name),
                            "give every parameter a name of its own");
            if (d_.params.size() == kMostParams)
                return fail(Problem::TooManyParams,
                            "a function has at most " + std::to_string(kMostParams) + " parameters", "split it");
            d_.params.push_back(std::move(name));
            lexer_.next(token_);
            if (token_.kind == Tok::RParen) break;
            if (token_.kind != Tok::Comma) return expected(", or ) after a parameter");
            lexer_.next(token_);
        }
        lexer_.next(token_);
        return true;
    }

    Definition& d_;
    Diagnostics& diagnostics_;
    lang::Lexer lexer_;
    Token token_;
};

bool before(const DefinitionRef& d, std::string_view name) { return d->name < name; }

Failure problem(Problem code, std::string message, std::string hint, Span span = kNoSpan) {
    Diagnostics diagnostics;
    diagnostics.report(code, span, std::move(message), std::move(hint));
    return diagnostics.take();
}

}  // namespace

std::vector<DefinitionRef>::const_iterator Definitions::place_of(std::string_view name) const {
    return std::lower_bound(all_.begin(), all_.end(), name, before);
}

const Definition* Definitions::find(std::string_view name) const {
    const auto at = place_of(name);
    return at != all_.end() && (*at)->name == name ? at->get() : nullptr;
}

size_t Definition::memory_bytes() const {
    constexpr size_t kShared = 2 * sizeof(void*);  // what a shared_ptr counts in
    size_t bytes =
        sizeof *this + kShared + name.capacity() + text.capacity() + callees.capacity() * sizeof(DefinitionRef);
    for (const std::string& p : params) bytes += sizeof p + p.capacity();
    if (native)
        bytes += sizeof *native + kShared + native->name.capacity() + native->params.capacity() * sizeof(Scalar);
    return bytes;
}

std::shared_ptr<const Definitions> Definitions::only(std::span<const Definition* const> reached) const {
    auto made = std::make_shared<Definitions>();
    made->stamp_ = stamp_;
    made->all_.reserve(reached.size());
    for (const Definition* d : reached) {
        const auto at = made->all_.begin() + (made->place_of(d->name) - made->all_.cbegin());
        if (at == made->all_.end() || at->get() != d) made->all_.insert(at, *place_of(d->name));
    }
    return made;
}

size_t Definitions::memory_bytes() const {
    size_t bytes = sizeof *this + all_.capacity() * sizeof(DefinitionRef);
    std::unordered_set<const Definition*> seen;
    std::vector<const Definition*> waiting;
    const auto meet = [&](const DefinitionRef& d) {
        if (seen.insert(d.get()).second) waiting.push_back(d.get());
    };
    for (const DefinitionRef& d : all_) meet(d);
    while (!waiting.empty()) {
        const Definition* const d = waiting.back();
        waiting.pop_back();
        bytes += d->memory_bytes();
        for (const DefinitionRef& callee : d->callees) meet(callee);
    }
    return bytes;
}

std::shared_ptr<Definitions> Definitions::copy(const Definitions* now) {
    static std::atomic<uint64_t> last{0};
    auto made = std::make_shared<Definitions>();
    if (now != nullptr) made->all_ = now->all_;
    made->stamp_ = last.fetch_add(1, std::memory_order_relaxed) + 1;
    return made;
}

void Definitions::put(DefinitionRef definition) {
    const auto at = all_.begin() + (place_of(definition->name) - all_.cbegin());
    if (at == all_.end() || (*at)->name != definition->name) {
        all_.insert(at, std::move(definition));
        return;
    }
    (*at)->removed_at.store(stamp_, std::memory_order_release);
    *at = std::move(definition);
}

Result<std::shared_ptr<const Definitions>> Definitions::with(const Definitions* now, std::string_view text,
                                                             const Limits& limits) {
    if (text.size() > limits.max_text_bytes || text.size() >= UINT32_MAX)
        return problem(Problem::TextTooLong,
                       "the definition has " + std::to_string(text.size()) + " bytes; the limit max_text_bytes is " +
                           std::to_string(limits.max_text_bytes),
                       "split it, or raise the engine's max_text_bytes");
    auto d = std::make_shared<Definition>();
    d->text = text;
    Diagnostics diagnostics;
    if (!HeadReader(*d, diagnostics).run()) return diagnostics.take();
    std::vector<const Definition*> callees;
    lang::Parser().check_definition(*d, now, limits, diagnostics, callees);
    if (!diagnostics.empty()) return diagnostics.take();
    std::sort(callees.begin(), callees.end());
    callees.erase(std::unique(callees.begin(), callees.end()), callees.end());
    for (const Definition* callee : callees) {
        d->callees.push_back(*now->place_of(callee->name));
        d->depth = std::max(d->depth, callee->depth + 1);
        d->calls_natives |= callee->calls_natives;
    }
    if (d->depth > Definition::kDeepest)
        return problem(Problem::DefinitionTooDeep,
                       quoted(d->name) + " calls definitions that call others, more than " +
                           std::to_string(Definition::kDeepest) + " deep",
                       "write some of them out", {0, static_cast<uint32_t>(d->name.size())});
    auto made = copy(now);
    made->put(std::move(d));
    return std::shared_ptr<const Definitions>(std::move(made));
}

Result<std::shared_ptr<const Definitions>> Definitions::with(const Definitions* now, NativeRef function) {
    auto d = std::make_shared<Definition>();
    d->name = function->name;
    d->native = std::move(function);
    d->calls_natives = true;
    auto made = copy(now);
    made->put(std::move(d));
    return std::shared_ptr<const Definitions>(std::move(made));
}

Result<std::shared_ptr<const Definitions>> Definitions::without(const Definitions* now, std::string_view name) {
    if (now == nullptr || now->find(name) == nullptr) {
        const lang::Builtins& builtins = lang::Builtins::get();
        const bool is_builtin = builtins.find(name, builtins.hash(name)) != 0;
        return problem(
            Problem::NoSuchDefinition, "there is no function " + quoted(name) + " that was added to the language",
            is_builtin ? "what the language has itself stays" : "look at its spelling; names are case-sensitive");
    }
    auto made = copy(now);
    const auto at = made->place_of(name);
    (*at)->removed_at.store(made->stamp_, std::memory_order_release);
    made->all_.erase(at);
    return std::shared_ptr<const Definitions>(std::move(made));
}

// ---- Functions of the host

namespace {

// Cuts words and marks off a signature.
class SignatureReader {
  public:
    explicit SignatureReader(std::string_view text) : text_(text) {}

    bool take(std::string_view mark) {
        skip();
        if (!text_.substr(at_).starts_with(mark)) return false;
        at_ += mark.size();
        return true;
    }
    // One of the five types; false, with the word in `word`, if it is something else.
    bool type(Scalar& out, std::string_view& word) {
        skip();
        const size_t begin = at_;
        while (at_ < text_.size() && is_word(text_[at_])) ++at_;
        word = text_.substr(begin, at_ - begin);
        for (int s = 0; s < kScalarCount; ++s) {
            if (name_of(static_cast<Scalar>(s)) != word) continue;
            out = static_cast<Scalar>(s);
            return true;
        }
        return false;
    }
    bool at_end() {
        skip();
        return at_ == text_.size();
    }

  private:
    static bool is_word(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    }
    void skip() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
    }
    std::string_view text_;
    size_t at_ = 0;
};

Failure bad_signature(std::string_view signature, const std::string& what) {
    return problem(Problem::BadSignature, "the signature " + quoted(signature) + " " + what,
                   "write it as in (f64, i64) -> f64, with the types f64, f32, i64, i32 and bool");
}

Failure read_signature(std::string_view signature, NativeFunction& out) {
    SignatureReader reader(signature);
    Scalar type{};
    std::string_view word;
    const auto no_type = [&] {
        return bad_signature(signature, word.empty() ? "lacks a type"
                                                     : "names the type " + quoted(word) + ", which does not exist");
    };
    if (!reader.take("(")) return bad_signature(signature, "does not begin with (");
    if (!reader.take(")")) {
        do {
            if (!reader.type(type, word)) return no_type();
            if (out.params.size() == kMaxNativeParams)
                return bad_signature(signature, "has more than " + std::to_string(kMaxNativeParams) + " parameters");
            out.params.push_back(type);
        } while (reader.take(","));
        if (!reader.take(")")) return bad_signature(signature, "has no , or ) behind a type");
    }
    if (!reader.take("->")) return bad_signature(signature, "has no -> behind its parameters");
    if (!reader.type(out.result, word)) return no_type();
    return reader.at_end() ? nullptr : bad_signature(signature, "goes on behind the type of the result");
}

// The same rules as for a definition.
Failure check_name(std::string_view name) {
    Definition d;
    d.text = std::string(name) + "() = 0";
    Diagnostics diagnostics;
    if (!HeadReader(d, diagnostics).run()) return diagnostics.take();
    if (d.name == name) return nullptr;
    return problem(Problem::BadDefinition, quoted(name) + " cannot name a function", "use letters, digits and _");
}

}  // namespace

Result<NativeRef> make_native(std::string_view name, std::string_view signature, const void* address, void* user_data,
                              bool takes_user_data, bool is_pure) {
    if (Failure f = check_name(name)) return f;
    auto made = std::make_shared<NativeFunction>();
    made->name = name;
    made->address = address;
    made->user_data = takes_user_data ? user_data : nullptr;
    made->takes_user_data = takes_user_data;
    made->is_pure = is_pure;
    if (Failure f = read_signature(signature, *made)) return f;
    return NativeRef(std::move(made));
}

}  // namespace exprjit
