// Checking a value against a schema.

#include "tests/json_schema.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace pollux {
namespace {

using Json = nlohmann::json;

class Checker {
 public:
  explicit Checker(const Json& root) : root_(root) {}

  void Check(const Json& schema, const Json& value, const std::string& at) {
    for (const auto& [key, rule] : schema.items()) {
      if (key == "$ref") {
        const std::string path = rule.get<std::string>().substr(1);
        Check(root_.at(Json::json_pointer(path)), value, at);
      } else if (key == "const") {
        if (value != rule) Fault(at, absl::StrCat("is not ", rule.dump()));
      } else if (key == "enum") {
        const bool in =
            std::find(rule.begin(), rule.end(), value) != rule.end();
        if (!in) Fault(at, absl::StrCat(value.dump(), " is none of the enum"));
      } else if (key == "type") {
        if (!HasType(rule, value)) {
          Fault(at, absl::StrCat("is no ", rule.dump()));
        }
      } else if (key == "minimum") {
        if (value.is_number() && value < rule) Fault(at, "is too small");
      } else if (key == "required") {
        for (const Json& name : rule) {
          if (value.is_object() && !value.contains(name)) {
            Fault(at, absl::StrCat("has no ", name.dump()));
          }
        }
      } else if (key == "items") {
        if (!value.is_array()) continue;
        for (size_t i = 0; i < value.size(); ++i) {
          Check(rule, value[i], absl::StrCat(at, "/", i));
        }
      } else if (key == "properties") {
        CheckProperties(schema, value, at);
      }
    }
  }

  std::vector<std::string> faults;

 private:
  void Fault(const std::string& at, const std::string& what) {
    faults.push_back(absl::StrCat(at.empty() ? "/" : at, " ", what));
  }

  static bool HasType(const Json& rule, const Json& value) {
    if (rule.is_array()) {
      return std::any_of(rule.begin(), rule.end(),
                         [&](const Json& one) { return HasType(one, value); });
    }
    return (rule == "object" && value.is_object()) ||
           (rule == "array" && value.is_array()) ||
           (rule == "string" && value.is_string()) ||
           (rule == "integer" && value.is_number_integer()) ||
           (rule == "boolean" && value.is_boolean()) ||
           (rule == "null" && value.is_null());
  }

  void CheckProperties(const Json& schema, const Json& value,
                       const std::string& at) {
    if (!value.is_object()) return;
    const Json& properties = schema.at("properties");
    for (const auto& [name, child] : value.items()) {
      if (properties.contains(name)) {
        Check(properties.at(name), child, absl::StrCat(at, "/", name));
      } else if (!schema.value("additionalProperties", true)) {
        Fault(at, absl::StrCat("may not have ", name));
      }
    }
  }

  const Json& root_;
};

}  // namespace

std::vector<std::string> SchemaFaults(const Json& schema, const Json& value) {
  Checker checker(schema);
  checker.Check(schema, value, "");
  return std::move(checker.faults);
}

}  // namespace pollux
