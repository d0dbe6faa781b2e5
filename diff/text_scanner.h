// Reads the characters of a text: tokens, names, numbers, symbols. Only the
// first error is kept, with its line and column.

#ifndef POLLUX_DIFF_TEXT_SCANNER_H_
#define POLLUX_DIFF_TEXT_SCANNER_H_

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "diff/symbols.h"

namespace pollux {

// Each function that returns a bool returns false after a failure.
class TextScanner {
 protected:
  explicit TextScanner(std::string_view text) : text_(text) {}

  bool Fail(size_t at, std::string_view message) {
    if (!status_.ok()) return false;
    const std::string_view before = text_.substr(0, at);
    const size_t line = std::count(before.begin(), before.end(), '\n') + 1;
    const size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
    status_ = absl::InvalidArgumentError(
        absl::StrCat(line, ":", at - line_start + 1, ": ", message));
    return false;
  }

  char Peek() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) {
      ++at_;
    }
    return at_ < text_.size() ? text_[at_] : '\n';
  }

  bool Accept(std::string_view token) {
    Peek();
    if (text_.substr(at_, token.size()) != token) return false;
    at_ += token.size();
    return true;
  }

  bool Expect(std::string_view token) {
    if (Accept(token)) return true;
    return Fail(at_, absl::StrCat("expected '", token, "', found ", Found()));
  }

  std::string Found() {
    const char c = Peek();
    if (c == '\n' || c == '\r') return "the end of the line";
    if (!absl::ascii_isprint(c)) {
      return absl::StrCat("byte 0x", absl::Hex(static_cast<uint8_t>(c)));
    }
    return absl::StrCat("'", std::string_view(&c, 1), "'");
  }

  bool Identifier(std::string_view what, std::string_view* name) {
    Peek();
    const size_t start = at_;
    while (at_ < text_.size() && IsNameChar(text_[at_])) ++at_;
    *name = text_.substr(start, at_ - start);
    if (name->empty() || absl::ascii_isdigit(name->front())) {
      at_ = start;
      return Fail(start, absl::StrCat("expected ", what, ", found ", Found()));
    }
    return true;
  }

  // A number of at most 64 bits, signed or not.
  bool Number(int64_t* value) {
    const bool negative = Accept("-");
    const int base = Accept("0x") ? 16 : 10;
    const size_t start = at_;
    uint64_t magnitude = 0;
    auto [end, error] = std::from_chars(
        text_.data() + start, text_.data() + text_.size(), magnitude, base);
    at_ = end - text_.data();
    if (error == std::errc::result_out_of_range ||
        (negative && magnitude > (1ull << 63))) {
      return Fail(start, "the number does not fit into 64 bits");
    }
    if (at_ == start) {
      return Fail(start, absl::StrCat("expected a number, found ", Found()));
    }
    *value = static_cast<int64_t>(negative ? 0 - magnitude : magnitude);
    return true;
  }

  // A number of at most 63 bits and a sign.
  bool SignedNumber(int64_t* value) {
    const bool negative = Peek() == '-';
    const size_t start = at_;
    if (!Number(value)) return false;
    if (negative || *value >= 0) return true;
    return Fail(start, "the number is too large");
  }

  bool NumberIn(int64_t min, int64_t max, int64_t* value) {
    Peek();
    const size_t start = at_;
    if (!SignedNumber(value)) return false;
    if (*value >= min && *value <= max) return true;
    return Fail(start, absl::StrCat("expected a number from ", min, " to ", max,
                                    ", found ", *value));
  }

  // Symbols and numbers joined by |.
  bool Symbols(const SymbolTable& symbols, int64_t* value) {
    *value = 0;
    do {
      const char c = Peek();
      if (absl::ascii_isdigit(c) || c == '-') {
        int64_t bits;
        if (!SignedNumber(&bits)) return false;
        *value |= bits;
        continue;
      }
      const size_t start = at_;
      std::string_view name;
      if (!Identifier("a symbol or number", &name)) return false;
      const Symbol* symbol = symbols.Find(name);
      if (symbol == nullptr) {
        return Fail(start, absl::StrCat("unknown symbol '", name, "' here"));
      }
      *value |= symbol->value;
    } while (Accept("|"));
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
  absl::Status status_;

 private:
  static bool IsNameChar(char c) { return absl::ascii_isalnum(c) || c == '_'; }
};

}  // namespace pollux

#endif  // POLLUX_DIFF_TEXT_SCANNER_H_
