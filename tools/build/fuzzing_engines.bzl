"""Engines that are not part of the compiler, as repositories."""

_AFL_RUNTIME = "/usr/lib/afl/afl-compiler-rt.o"

def _afl_runtime_impl(ctx):
    runtime = ctx.path(_AFL_RUNTIME)
    if not runtime.exists:
        fail("AFL++ is not installed (there is no %s). " % _AFL_RUNTIME +
             "./bazelw installs it for commands that name it, as in " +
             "--config=afl or //fuzz:epoll_fuzz_test_afl.")
    ctx.symlink(runtime, "afl-compiler-rt.o")
    ctx.file("BUILD.bazel", """
package(default_visibility = ["//visibility:public"])

cc_library(
    name = "runtime",
    srcs = ["afl-compiler-rt.o"],
)
""")

afl_runtime = repository_rule(
    implementation = _afl_runtime_impl,
    doc = "The runtime of AFL++ that instrumented programs are linked with.",
    local = True,
)

def _oss_fuzz_engine_impl(ctx):
    engine = ctx.os.environ.get("LIB_FUZZING_ENGINE", "-fsanitize=fuzzer")
    ctx.file("BUILD.bazel", """
package(default_visibility = ["//visibility:public"])

cc_library(
    name = "engine",
    linkopts = %r,
)
""" % [word for word in engine.split(" ") if word])

oss_fuzz_engine = repository_rule(
    implementation = _oss_fuzz_engine_impl,
    doc = "The engine that OSS-Fuzz names by $LIB_FUZZING_ENGINE.",
    environ = ["LIB_FUZZING_ENGINE"],
)
