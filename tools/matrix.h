// The matrix: which subjects do what Linux does, and which do the same as each
// other.
//
// All subjects are judged by the same reference, so that a row shows how one
// program fares across kernels and emulations.

#ifndef POLLUX_TOOLS_MATRIX_H_
#define POLLUX_TOOLS_MATRIX_H_

#include <string>
#include <vector>

#include "core/quirks.h"
#include "diff/program.h"
#include "tools/subject_flags.h"

namespace pollux {

struct MatrixCell {
  enum State { kSame, kDiffers, kSkipped };
  State state = kSame;
  std::string bucket;  // of a difference
  // Subjects of a row with the same number did the same, as far as they were
  // looked at: to the end, or to the first difference. -1: skipped.
  int group = -1;
};

struct Matrix {
  std::vector<std::string> subjects;  // columns
  std::vector<std::string> programs;  // rows
  std::vector<std::vector<MatrixCell>> rows;

  // Programs that both subjects ran, and those on which they did the same.
  struct Agreement {
    int both = 0;
    int same = 0;
  };
  Agreement Agree(size_t a, size_t b) const;
  bool AnyDifference() const;
};

// Appends a column: runs all programs on the subject, judged by `profile`.
void AddColumn(Contest& contest, const Profile& profile,
               const std::vector<Program>& programs, Matrix* matrix,
               std::vector<std::vector<std::string>>* behaviours);

// Gives equal behaviours of a row equal numbers.
void NumberGroups(const std::vector<std::vector<std::string>>& behaviours,
                  Matrix* matrix);

std::string PrintMatrix(const Matrix& matrix, bool colours);
std::string MatrixJson(const Matrix& matrix);

}  // namespace pollux

#endif  // POLLUX_TOOLS_MATRIX_H_
