// SPDX-License-Identifier: MIT OR Apache-2.0
#include "formula.h"

#include <charconv>

#include "ir/builder.h"

namespace exprjit::bench {

namespace {

std::string number(double d) {
    char digits[40];
    std::string s(digits, std::to_chars(digits, digits + sizeof digits, d).ptr);
    return s.find('.') == std::string::npos ? s + ".0" : s;
}

constexpr const char* kSigns[] = {" + ", " - ", " * ", " / "};

std::string leaf(const Formula& f, uint32_t v) {
    return v < f.params ? "p" + std::to_string(v) : number(f.constants[v - f.params]);
}

}  // namespace

std::string Formula::text() const {
    std::vector<std::string> parts;
    const auto part = [&](uint32_t v) { return v < first_step() ? leaf(*this, v) : parts[v - first_step()]; };
    for (const Step& s : steps) {
        const bool last = &s == &steps.back();
        std::string t = part(s.a) + kSigns[static_cast<int>(s.kind)] + part(s.b);
        parts.push_back(last ? t : "(" + t + ")");
    }
    return parts.back();
}

std::string Formula::c_source() const {
    std::string s = "double f(";
    for (uint32_t p = 0; p < params; ++p) s += (p != 0 ? ", double p" : "double p") + std::to_string(p);
    s += ") {\n";
    const auto part = [&](uint32_t v) {
        return v < first_step() ? leaf(*this, v) : "t" + std::to_string(v - first_step());
    };
    for (size_t k = 0; k < steps.size(); ++k)
        s += "  double t" + std::to_string(k) + " = " + part(steps[k].a) + kSigns[static_cast<int>(steps[k].kind)] +
             part(steps[k].b) + ";\n";
    return s + "  return t" + std::to_string(steps.size() - 1) + ";\n}\n";
}

Program Formula::program() const {
    Program p;
    p.functions.resize(1);
    Function& f = p.entry();
    f.name = "main";
    f.results = {kF64};
    Builder b(f);
    std::vector<ValueId> values;
    for (uint32_t k = 0; k < params; ++k) values.push_back(b.param(kF64, "p" + std::to_string(k)));
    for (const double d : constants) values.push_back(b.f64(d));
    constexpr Op ops[] = {Op::Add, Op::Sub, Op::Mul, Op::Div};
    for (const Step& s : steps) values.push_back(b.binary(ops[static_cast<int>(s.kind)], values[s.a], values[s.b]));
    b.ret(values.back());
    return p;
}

Formula tree(uint32_t steps) {
    Formula f;
    f.constants = {0.5, 3.25};
    // Pairs of leaves are combined, then the results with each other, as a person's polynomial would be.
    std::vector<uint32_t> open;
    uint32_t leaf = 0;
    constexpr Formula::Kind kinds[] = {Formula::Kind::Mul, Formula::Kind::Add, Formula::Kind::Sub,
                                       Formula::Kind::Mul, Formula::Kind::Add, Formula::Kind::Div};
    const auto next_leaf = [&] { return leaf++ % f.first_step(); };
    for (uint32_t k = 0; k < steps; ++k) {
        const bool last_merges = steps - k < open.size();  // so that one value is left at the end
        uint32_t a, b;
        if (open.size() >= 2 && (last_merges || k % 3 == 2)) {
            b = open.back(), open.pop_back();
            a = open.back(), open.pop_back();
        } else if (!open.empty() && (k % 3 == 1 || open.size() + 1 > steps - k)) {
            a = open.back(), open.pop_back();
            b = next_leaf();
        } else {
            a = next_leaf();
            b = next_leaf();
        }
        open.push_back(f.first_step() + k);
        f.steps.push_back({kinds[k % 6], a, b});
    }
    return f;
}

Formula mesh(uint32_t steps) {
    Formula f;
    f.constants = {0.5, 3.25};
    uint32_t random = 12345;
    const auto back = [&](uint32_t k) {
        random = random * 1664525 + 1013904223;
        const uint32_t distance = 1 + (random >> 16) % 12;
        return f.first_step() + k - (distance > k + f.first_step() ? k + f.first_step() : distance);
    };
    constexpr Formula::Kind kinds[] = {Formula::Kind::Mul, Formula::Kind::Add, Formula::Kind::Sub};
    for (uint32_t k = 0; k < steps; ++k) {
        // Each step uses the one before it, so that none is dead, and an older one.
        const uint32_t previous = f.first_step() + k - 1;
        f.steps.push_back({kinds[k % 3], previous, back(k)});
    }
    return f;
}

}  // namespace exprjit::bench
