// The matrix: columns, groups, printing.

#include "tools/matrix.h"

#include <algorithm>
#include <map>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "diff/investigation.h"
#include "nlohmann/json.hpp"

namespace pollux {
namespace {

using Json = nlohmann::ordered_json;

std::string_view StateName(MatrixCell::State state) {
  switch (state) {
    case MatrixCell::kSame:
      return "same";
    case MatrixCell::kDiffers:
      return "differs";
    case MatrixCell::kSkipped:
      return "skipped";
  }
  return "";
}

// All that was seen of a subject in a program, as a key.
std::string Behaviour(const Divergence& d) {
  std::string key = absl::StrCat(
      d.call, " ", static_cast<int>(d.kind), " ", d.observed.result, " ",
      d.observed.blocked, " ", d.observed.fds[0], " ", d.observed.fds[1], " ",
      d.observed.revents, " ", d.observed.value);
  for (const Event& event : d.observed.events) {
    absl::StrAppend(&key, " ", event.events, ":", event.data);
  }
  for (const PollQuery& poll : d.observed_witness.polls) {
    absl::StrAppend(&key, " p", poll.fd, "=", poll.revents);
  }
  for (const Interest& interest : d.observed_witness.interests()) {
    absl::StrAppend(&key, " i", interest.epfd);
    for (const InterestLine& line : interest.lines) {
      absl::StrAppend(&key, " ", line.tfd, ":", line.events, ":", line.data);
    }
  }
  return key;
}

std::string Colour(const char* code, std::string_view text, bool colours) {
  if (!colours) return std::string(text);
  return absl::StrCat("\033[", code, "m", text, "\033[0m");
}

std::string PrintCell(const MatrixCell& cell, size_t width, bool colours) {
  std::string text(StateName(cell.state));
  if (cell.state == MatrixCell::kDiffers) text = cell.bucket;
  text.resize(std::max(width, text.size()), ' ');
  const char* code = cell.state == MatrixCell::kSame      ? "32"
                     : cell.state == MatrixCell::kDiffers ? "31"
                                                          : "90";
  return Colour(code, text, colours);
}

// The width of each column.
std::vector<size_t> Widths(const Matrix& matrix) {
  std::vector<size_t> widths;
  for (const std::string& name : matrix.subjects) {
    widths.push_back(std::max<size_t>(name.size(), 7));
  }
  for (const auto& row : matrix.rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], row[i].bucket.size());
    }
  }
  return widths;
}

}  // namespace

Matrix::Agreement Matrix::Agree(size_t a, size_t b) const {
  Agreement agreement;
  for (const auto& row : rows) {
    if (row[a].group < 0 || row[b].group < 0) continue;
    ++agreement.both;
    agreement.same += row[a].group == row[b].group;
  }
  return agreement;
}

bool Matrix::AnyDifference() const {
  return std::any_of(rows.begin(), rows.end(), [](const auto& row) {
    return std::any_of(row.begin(), row.end(), [](const MatrixCell& cell) {
      return cell.state == MatrixCell::kDiffers;
    });
  });
}

void AddColumn(Contest& contest, const Profile& profile,
               const std::vector<Program>& programs, Matrix* matrix,
               std::vector<std::vector<std::string>>* behaviours) {
  matrix->subjects.push_back(contest.name);
  matrix->rows.resize(programs.size());
  behaviours->resize(programs.size());
  Oracle oracle(profile, contest.machine);
  const LockstepOptions options{.witnesses = absl::GetFlag(FLAGS_witnesses)};
  Lockstep lockstep(contest.subject.get(), &oracle, options);
  lockstep.RunAll(programs, [&](size_t i, Verdict verdict) {
    MatrixCell& cell = matrix->rows[i].emplace_back();
    std::string& behaviour = (*behaviours)[i].emplace_back();
    if (verdict == Verdict::kSkipped) {
      cell.state = MatrixCell::kSkipped;
    } else if (verdict == Verdict::kDivergence) {
      cell.state = MatrixCell::kDiffers;
      behaviour = Behaviour(lockstep.divergence());
    } else {
      behaviour = "same";
    }
  });
  Investigator investigator(contest.subject.get(), profile, contest.machine,
                            options);
  for (size_t i = 0; i < programs.size(); ++i) {
    MatrixCell& cell = matrix->rows[i].back();
    if (cell.state != MatrixCell::kDiffers) continue;
    const std::optional<Finding> finding = investigator.Look(programs[i]);
    cell.bucket = finding ? finding->signature : "comes-and-goes";
  }
}

void NumberGroups(const std::vector<std::vector<std::string>>& behaviours,
                  Matrix* matrix) {
  for (size_t i = 0; i < behaviours.size(); ++i) {
    std::map<std::string, int> numbers;
    for (size_t j = 0; j < behaviours[i].size(); ++j) {
      if (behaviours[i][j].empty()) continue;
      matrix->rows[i][j].group =
          numbers.emplace(behaviours[i][j], numbers.size()).first->second;
    }
  }
}

std::string PrintMatrix(const Matrix& matrix, bool colours) {
  size_t name_width = 0;
  for (const std::string& program : matrix.programs) {
    name_width = std::max(name_width, program.size());
  }
  const std::vector<size_t> widths = Widths(matrix);
  std::string text(name_width, ' ');
  for (size_t j = 0; j < matrix.subjects.size(); ++j) {
    absl::StrAppendFormat(&text, "  %-*s", widths[j], matrix.subjects[j]);
  }
  absl::StrAppend(&text, "\n");
  for (size_t i = 0; i < matrix.rows.size(); ++i) {
    absl::StrAppendFormat(&text, "%-*s", name_width, matrix.programs[i]);
    for (size_t j = 0; j < matrix.rows[i].size(); ++j) {
      absl::StrAppend(&text, "  ",
                      PrintCell(matrix.rows[i][j], widths[j], colours));
    }
    absl::StrAppend(&text, "\n");
  }
  for (size_t a = 0; a < matrix.subjects.size(); ++a) {
    for (size_t b = a + 1; b < matrix.subjects.size(); ++b) {
      const Matrix::Agreement agreement = matrix.Agree(a, b);
      absl::StrAppendFormat(&text, "%s and %s do the same in %d of %d\n",
                            matrix.subjects[a], matrix.subjects[b],
                            agreement.same, agreement.both);
    }
  }
  return text;
}

std::string MatrixJson(const Matrix& matrix) {
  Json json;
  json["subjects"] = matrix.subjects;
  json["programs"] = Json::array();
  for (size_t i = 0; i < matrix.rows.size(); ++i) {
    Json row;
    row["program"] = matrix.programs[i];
    for (size_t j = 0; j < matrix.rows[i].size(); ++j) {
      const MatrixCell& cell = matrix.rows[i][j];
      Json& out = row["cells"][matrix.subjects[j]];
      out["state"] = StateName(cell.state);
      if (!cell.bucket.empty()) out["bucket"] = cell.bucket;
      if (cell.group >= 0) out["group"] = cell.group;
    }
    json["programs"].push_back(row);
  }
  json["agreement"] = Json::array();
  for (size_t a = 0; a < matrix.subjects.size(); ++a) {
    for (size_t b = a + 1; b < matrix.subjects.size(); ++b) {
      const Matrix::Agreement agreement = matrix.Agree(a, b);
      json["agreement"].push_back(
          {{"subjects", {matrix.subjects[a], matrix.subjects[b]}},
           {"same", agreement.same},
           {"both", agreement.both}});
    }
  }
  return json.dump(2) + "\n";
}

}  // namespace pollux
