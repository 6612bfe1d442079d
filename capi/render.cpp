// SPDX-License-Identifier: MIT OR Apache-2.0
#include "render.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace exprjit::capi {

namespace {

constexpr int kTabWidth = 4;
constexpr int kWindow = 96;       // columns of source shown at most
constexpr int kBeforeCaret = 32;  // of them, before the place when the line is cut

struct Character {
    size_t bytes = 1;
    char32_t code = 0xfffd;
    bool valid = false;
};

Character decode(std::string_view s) {
    const auto at = [&](size_t i) { return static_cast<unsigned char>(s[i]); };
    const unsigned char first = at(0);
    if (first < 0x80) return {1, first, true};
    const size_t bytes = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || bytes > s.size()) return {};
    char32_t code = first & (0x7fu >> bytes);
    for (size_t i = 1; i < bytes; ++i) {
        if ((at(i) & 0xc0) != 0x80) return {};
        code = code << 6 | (at(i) & 0x3fu);
    }
    constexpr char32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < least[bytes] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return {};
    return {bytes, code, true};
}

struct Block {
    char32_t first, last;
};

template <size_t n>
bool in(const Block (&blocks)[n], char32_t c) {
    return std::any_of(blocks, blocks + n, [c](const Block& b) { return c >= b.first && c <= b.last; });
}

// Terminal columns: 0 for marks that combine with the character before, 2 for East Asian wide ones and emoji.
int width_of(char32_t c) {
    if (c < 0x300) return 1;
    static constexpr Block marks[] = {{0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},   {0x610, 0x61a},
                                      {0x64b, 0x65f},   {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200f},
                                      {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}};
    static constexpr Block wide[] = {{0x1100, 0x115f},  {0x2e80, 0x303e}, {0x3041, 0x33ff}, {0x3400, 0x4dbf},
                                     {0x4e00, 0x9fff},  {0xa000, 0xa4cf}, {0xac00, 0xd7a3}, {0xf900, 0xfaff},
                                     {0xfe30, 0xfe6f},  {0xff00, 0xff60}, {0xffe0, 0xffe6}, {0x1f300, 0x1faff},
                                     {0x20000, 0x3fffd}};
    if (in(marks, c)) return 0;
    return in(wide, c) ? 2 : 1;
}

// Controls, and the invisible marks that change the direction of what follows, must not reach a terminal from hostile
// text.
bool is_harmful(char32_t c) {
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

void append_safely(std::string& out, std::string_view text) {
    while (!text.empty()) {
        const Character c = decode(text);
        if (!c.valid || (is_harmful(c.code) && c.code != '\n'))
            out += "\xef\xbf\xbd";
        else
            out += text.substr(0, c.bytes);
        text.remove_prefix(c.bytes);
    }
}

// One source line laid out in columns, cut to a window, with [mark_begin, mark_end) (byte offsets in the line)
// underlined.
void append_marked_line(std::string& out, std::string_view line, size_t mark_begin, size_t mark_end, int32_t number,
                        size_t margin) {
    struct Cell {
        std::string_view bytes;  // as shown
        int width;
        bool marked;
    };
    // Only what can be in the window is looked at, so that a line of megabytes costs no more than a short one.
    size_t from = 0;
    if (mark_begin > kBeforeCaret * 4) {
        from = mark_begin - kBeforeCaret * 4;
        while (from < mark_begin && (static_cast<unsigned char>(line[from]) & 0xc0) == 0x80) ++from;
    }
    const size_t to = std::min(line.size(), mark_begin + kWindow * 4);
    std::vector<Cell> cells;
    int column = 0, mark_column = 0;
    bool found = false;
    for (size_t at = from; at < to;) {
        const Character c = decode(line.substr(at));
        Cell cell{line.substr(at, c.bytes), width_of(c.code), at >= mark_begin && at < mark_end};
        if (c.code == '\t')
            cell = {"    ", kTabWidth, cell.marked};
        else if (!c.valid || is_harmful(c.code))
            cell = {"\xef\xbf\xbd", 1, cell.marked};
        if (!found && at >= mark_begin) mark_column = column, found = true;
        column += cell.width;
        cells.push_back(cell);
        at += c.bytes;
    }
    if (!found) mark_column = column;
    // The window, in columns.
    const bool long_line = from != 0 || to != line.size() || column > kWindow;
    const int window_begin = long_line && mark_column > kBeforeCaret ? mark_column - kBeforeCaret : 0;
    const bool cut_left = from != 0 || window_begin > 0;

    std::string shown, carets;
    int at_column = 0, used = 0;
    bool cut_right = false;
    if (cut_left) shown += "\xe2\x80\xa6", carets += ' ';  // an ellipsis
    for (const Cell& cell : cells) {
        const bool visible = at_column >= window_begin;
        at_column += cell.width;
        if (!visible) continue;
        if (used + cell.width > kWindow) {
            cut_right = true;
            break;
        }
        used += cell.width;
        shown += cell.bytes;
        carets.append(static_cast<size_t>(cell.width), cell.marked ? '^' : ' ');
    }
    if (cut_right || to != line.size()) shown += "\xe2\x80\xa6";
    if (mark_begin >= mark_end ||
        carets.find('^') == std::string::npos) {  // an insertion point, or the end of the line
        const size_t caret_at = static_cast<size_t>(mark_column - window_begin) + (cut_left ? 1 : 0);
        if (carets.size() <= caret_at) carets.append(caret_at + 1 - carets.size(), ' ');
        carets[caret_at] = '^';
    }
    carets.erase(carets.find_last_of('^') + 1);

    const std::string digits = std::to_string(number);
    out.append(margin - digits.size() + 1, ' ').append(digits).append(" | ").append(shown) += '\n';
    out.append(margin + 1, ' ').append(" | ").append(carets) += '\n';
}

size_t digits_of(int32_t n) { return std::to_string(n).size(); }

void render_place(std::string& out, const Reported& r, const Source& source, LineFinder& lines) {
    const std::string_view text = source.text;
    const size_t begin = std::min<size_t>(r.diagnostic.span.begin, text.size());
    const size_t end = std::clamp<size_t>(r.diagnostic.span.end, begin, text.size());
    const Place first = lines.find(begin);
    const Place last = end > first.line_end && end > begin ? LineFinder(lines).find(end - 1) : first;
    const size_t margin = digits_of(last.line);
    out.append(margin, ' ').append("--> ");
    append_safely(out, source.name);
    out.append(":").append(std::to_string(first.line)).append(":").append(std::to_string(first.column)) += '\n';
    out.append(margin + 1, ' ').append(" |\n");
    const auto line_of = [&](const Place& p) { return text.substr(p.line_begin, p.line_end - p.line_begin); };
    append_marked_line(out, line_of(first), begin - first.line_begin,
                       std::min(end, std::max(first.line_end, begin)) - first.line_begin, first.line, margin);
    if (last.line == first.line) return;
    if (last.line > first.line + 1) out.append(margin + 1, ' ').append(" | \xe2\x80\xa6\n");
    append_marked_line(out, line_of(last), 0, end - last.line_begin, last.line, margin);
}

}  // namespace

Place LineFinder::find(size_t offset) {
    offset = std::min(offset, text_.size());
    if (offset < line_begin_) line_begin_ = 0, line_ = 1;
    while (offset != line_begin_) {
        const void* const newline = std::memchr(text_.data() + line_begin_, '\n', offset - line_begin_);
        if (newline == nullptr) break;
        line_begin_ = static_cast<size_t>(static_cast<const char*>(newline) - text_.data()) + 1;
        ++line_;
    }
    Place p;
    p.line = line_;
    p.line_begin = line_begin_;
    p.line_end = std::min(text_.find('\n', line_begin_), text_.size());
    if (p.line_end > line_begin_ && text_[p.line_end - 1] == '\r') --p.line_end;
    for (size_t i = line_begin_; i < offset; ++i) p.column += (static_cast<unsigned char>(text_[i]) & 0xc0) != 0x80;
    return p;
}

void render(const ej_error& error, const Source& source, std::string& out) {
    LineFinder lines(source.text);
    for (const Reported& r : error.diagnostics) {
        const Diagnostic& d = r.diagnostic;
        const std::string code = std::to_string(d.code);
        out += "error[EJ";
        out.append(code.size() < 4 ? 4 - code.size() : 0, '0').append(code).append("]: ");
        append_safely(out, d.message);
        out += '\n';
        size_t margin = 0;
        if (r.line != 0) {
            margin = digits_of(r.line);
            render_place(out, r, source, lines);
        }
        if (!d.hint.empty()) {
            out.append(margin + 1, ' ').append(" = hint: ");
            append_safely(out, d.hint);
            out += '\n';
        }
    }
}

}  // namespace exprjit::capi
