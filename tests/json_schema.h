// JSON Schema, as much of it as our schemas use: type, const, enum, required,
// properties, additionalProperties, items, minimum and $ref to #/$defs.

#ifndef POLLUX_TESTS_JSON_SCHEMA_H_
#define POLLUX_TESTS_JSON_SCHEMA_H_

#include <string>
#include <vector>

#include "nlohmann/json.hpp"

namespace pollux {

// What is wrong with `value`, each with its place; empty: nothing.
std::vector<std::string> SchemaFaults(const nlohmann::json& schema,
                                      const nlohmann::json& value);

}  // namespace pollux

#endif  // POLLUX_TESTS_JSON_SCHEMA_H_
