// SPDX-License-Identifier: MIT OR Apache-2.0
#include "definitions.h"

#include <cmath>
#include <limits>

#include "interrupt.h"
#include "number_text.h"
#include "suggest.h"

namespace exprjit::cli {
namespace {

constexpr const char* kDefinitionHint = "write -D name=value or -D name:type=value, as in -D a=3 -D b:f32=0.1";
constexpr const char* kTypeNames[] = {"bool", "i32", "i64", "f32", "f64"};
constexpr ej_dtype kTypes[] = {EJ_BOOL, EJ_I32, EJ_I64, EJ_F32, EJ_F64};

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
        text.remove_prefix(1);
    }
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
        text.remove_suffix(1);
    }
    return text;
}

// A name as written; backticks around it, as in an expression, are taken off.
std::string plain_name(std::string_view text) {
    text = trimmed(text);
    if (text.size() >= 2 && text.front() == '`' && text.back() == '`') {
        std::string name;
        for (size_t i = 1; i + 1 < text.size(); ++i) {
            name += text[i];
            i += text[i] == '`' ? 1 : 0;  // the second of a pair
        }
        return name;
    }
    return std::string(text);
}

// Splits "name:type"; without a colon, or when what follows it is no type and `type_required` is false, it is all name.
Status split_name(std::string_view text, std::string_view option, bool type_required, Variable& variable) {
    variable.type = EJ_DTYPE_NONE;
    const size_t colon = text.rfind(':');
    if (colon != std::string_view::npos) {
        const std::string type(trimmed(text.substr(colon + 1)));
        variable.type = value_type_named(type);
        if (variable.type == EJ_DTYPE_NONE) {
            const std::string near = nearest(type, {std::begin(kTypeNames), std::end(kTypeNames)});
            return failure(kExitUsage, std::string(option) + " " + std::string(text) + ": unknown type '" + type + "'",
                           (near.empty() ? "" : "did you mean '" + near + "'? ") +
                               std::string("the types are bool, i32, i64, f32, f64"));
        }
        text = text.substr(0, colon);
    } else if (type_required) {
        return failure(kExitUsage, std::string(option) + " " + std::string(text) + ": the type is missing",
                       "write " + std::string(option) + " name:type, as in " + std::string(option) + " a:f32");
    }
    variable.name = plain_name(text);
    if (variable.name.empty()) {
        return failure(kExitUsage, std::string(option) + ": the name is missing", kDefinitionHint);
    }
    return {};
}

// The value of an expression without variables.
Status evaluate_constant(ej_engine* engine, const Options& options, const std::string& definition,
                         std::string_view text, ej_value& value) {
    const std::string source = "-D " + definition.substr(0, definition.find('='));
    const std::vector<Variable> none;
    CompileRequest request;
    request.text = text;
    request.variables = &none;
    request.source_name = source.c_str();
    Kernel kernel;
    Status status = compile(engine, options, request, kernel);
    if (!status.ok()) {
        status.exit_code = status.exit_code == kExitInvalid ? static_cast<int>(kExitUsage) : status.exit_code;
        status.text += "hint: the value of -D is a number, true, false or an expression without variables\n";
        return status;
    }
    if (ej_kernel_output_count(kernel.get()) != 1) {
        return failure(kExitUsage, source + ": the value must be a single number");
    }
    ej_error* error = nullptr;
    ej_run_options run{};
    run.struct_size = sizeof run;
    run.stop = stop_word();
    const ej_status called = ej_kernel_call_with(kernel.get(), &run, nullptr, 0, &value, 1, &error);
    return called == EJ_OK ? Status{} : library_failure(called, error, Phase::kRun);
}

Status read_definition(ej_engine* engine, const Options& options, const std::string& text, Definition& definition) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos) {
        return failure(kExitUsage, "-D " + text + ": the value is missing", kDefinitionHint);
    }
    Variable variable;
    Status status = split_name(std::string_view(text).substr(0, equals), "-D", false, variable);
    if (!status.ok()) {
        return status;
    }
    definition.name = variable.name;
    const std::string_view value_text = trimmed(std::string_view(text).substr(equals + 1));
    if (value_text.empty()) {
        return failure(kExitUsage, "-D " + text + ": the value is missing", kDefinitionHint);
    }
    if (variable.type == EJ_F32 && parse_f32(value_text)) {
        definition.value = ej_f32(*parse_f32(value_text));  // rounded once, not by way of a double
        return {};
    }
    if (const auto integer = parse_i64(value_text)) {
        definition.value = ej_i64(*integer);
    } else if (const auto boolean = parse_bool(value_text)) {
        definition.value = ej_bool(*boolean);
    } else if (const auto number = parse_f64(value_text);
               number && value_text.find_first_of(".eEnN") != std::string_view::npos &&
               (std::isfinite(*number) || value_text.find_first_of("nN") != std::string_view::npos)) {
        // inf is infinity; what is too large for f64, as 1e400, is left to the language, which refuses it.
        definition.value = ej_f64(*number);
    } else {
        status = evaluate_constant(engine, options, text, value_text, definition.value);
        if (!status.ok()) {
            return status;
        }
    }
    if (variable.type != EJ_DTYPE_NONE && !convert_value(definition.value, variable.type, definition.value)) {
        return failure(kExitUsage, "-D " + text + ": the value does not fit in " + ej_dtype_name(variable.type));
    }
    return {};
}

}  // namespace

const Definition* Definitions::find(const std::string& name) const {
    for (const Definition& definition : values) {
        if (definition.name == name) {
            return &definition;
        }
    }
    return nullptr;
}

std::vector<Variable> Definitions::variables() const {
    std::vector<Variable> all;
    for (const Definition& definition : values) {
        all.push_back(Variable{definition.name, definition.value.type});
    }
    all.insert(all.end(), parameters.begin(), parameters.end());
    return all;
}

std::string Definitions::listing() const {
    std::string text;
    for (const Variable& variable : variables()) {
        text += (text.empty() ? "" : ", ") + variable.name + ": " + ej_dtype_name(variable.type);
    }
    return text;
}

ej_dtype value_type_named(std::string_view name) {
    for (size_t i = 0; i < std::size(kTypes); ++i) {
        if (name == kTypeNames[i]) {
            return kTypes[i];
        }
    }
    return EJ_DTYPE_NONE;
}

bool convert_value(const ej_value& from, ej_dtype type, ej_value& to) {
    if (from.type == type) {
        to = from;
        return true;
    }
    if (type == EJ_F64 || type == EJ_F32) {
        double number = 0;
        switch (from.type) {
        case EJ_BOOL: number = from.as.b; break;
        case EJ_I32: number = from.as.i32; break;
        case EJ_I64:
            // Straight to the target type: by way of a double an i64 could be rounded twice.
            to = type == EJ_F64 ? ej_f64(static_cast<double>(from.as.i64)) : ej_f32(static_cast<float>(from.as.i64));
            return true;
        case EJ_F32: number = static_cast<double>(from.as.f32); break;
        default: number = from.as.f64;
        }
        to = type == EJ_F64 ? ej_f64(number) : ej_f32(static_cast<float>(number));
        return true;
    }
    if (from.type == EJ_F32 || from.type == EJ_F64) {
        return false;  // a float never becomes an integer or a bool behind the user's back
    }
    const int64_t integer = from.type == EJ_BOOL ? from.as.b : from.type == EJ_I32 ? from.as.i32 : from.as.i64;
    switch (type) {
    case EJ_BOOL: to = ej_bool(integer != 0); return integer == 0 || integer == 1;
    case EJ_I32:
        to = ej_i32(static_cast<int32_t>(integer));
        return integer >= std::numeric_limits<int32_t>::min() && integer <= std::numeric_limits<int32_t>::max();
    case EJ_I64: to = ej_i64(integer); return true;
    default: return false;
    }
}

Status read_definitions(ej_engine* engine, const Options& options, Definitions& definitions) {
    if (Status status = define_functions(engine, options); !status.ok()) {
        return status;
    }
    for (const std::string& text : options.definitions) {
        Definition definition{};
        if (Status status = read_definition(engine, options, text, definition); !status.ok()) {
            return status;
        }
        if (definitions.find(definition.name) != nullptr) {
            return failure(kExitUsage, "-D " + definition.name + " is given twice", "give each variable once");
        }
        definitions.values.push_back(definition);
    }
    for (const std::string& text : options.parameters) {
        Variable variable;
        if (Status status = split_name(text, "--param", true, variable); !status.ok()) {
            return status;
        }
        for (const Variable& other : definitions.parameters) {
            if (other.name == variable.name) {
                return failure(kExitUsage, "--param " + variable.name + " is given twice", "give each variable once");
            }
        }
        Definition* defined = nullptr;
        for (Definition& definition : definitions.values) {
            defined = definition.name == variable.name ? &definition : defined;
        }
        if (defined == nullptr) {
            definitions.parameters.push_back(variable);
        } else if (!convert_value(defined->value, variable.type, defined->value)) {
            return failure(kExitUsage, "--param " + text + ": the value " + value_text(defined->value) + " of -D " +
                                           variable.name + " does not fit in that type");
        }
    }
    return {};
}

}  // namespace exprjit::cli
