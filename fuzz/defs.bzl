"""pollux_fuzz_test: a fuzz target, and all that one does with it.

    pollux_fuzz_test(
        name = "oracle_fuzz_test",
        srcs = ["oracle_fuzz_test.cc"],
        corpus = ["//corpus:seeds"],
        dicts = ["epoll.dict"],
        deps = ["//diff:oracle"],
    )

The sources define LLVMFuzzerTestOneInput and may define the other functions
that libFuzzer knows (LLVMFuzzerInitialize, LLVMFuzzerCustomMutator, ...).

    bazel test :oracle_fuzz_test                      replays the corpus
    bazel run :oracle_fuzz_test_run                   fuzzes, with libFuzzer
    bazel run :oracle_fuzz_test_afl                   fuzzes, with AFL++
    bazel run :oracle_fuzz_test_bin -- $PWD/crash     replays one input
    bazel build :oracle_fuzz_test_oss_fuzz            packs it for OSS-Fuzz

The names and the command line are those of rules_fuzzing. Unlike there, fuzzing
needs no --config: _bin and _run always see the target and everything below it
instrumented. --config=asan-libfuzzer and its like (see .bazelrc) add sanitizers;
--config=afl makes _bin and _run those of AFL++, which _afl_bin and _afl always
are.
"""

# What a target can be linked with. OSS-Fuzz brings its flags and its engine
# along, by $CFLAGS and $LIB_FUZZING_ENGINE.
_INSTRUMENTATION = {
    "libfuzzer": ["-O2", "-fsanitize=fuzzer-no-link"],
    "afl": ["-O2", "-fsanitize-coverage=trace-pc-guard"],
    "oss_fuzz": [],
}

ENGINES = _INSTRUMENTATION.keys()

# For code that an engine need not explore.
NOT_INSTRUMENTED = [
    "-fno-sanitize=fuzzer-no-link",
    "-fno-sanitize-coverage=trace-pc-guard",
]

# ---- NAME_bin: the target with everything below it instrumented

_COPT = "//command_line_option:copt"
_ENGINE = "//fuzz:engine"

def _instrumented_impl(settings, attr):
    engine = attr.engine or settings[_ENGINE]
    return {
        _COPT: settings[_COPT] + _INSTRUMENTATION[engine],
        _ENGINE: engine,
    }

_instrumented = transition(
    implementation = _instrumented_impl,
    inputs = [_COPT, _ENGINE],
    outputs = [_COPT, _ENGINE],
)

def _fuzz_binary_impl(ctx):
    binary = ctx.attr.binary[0]
    output = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.symlink(
        output = output,
        target_file = binary[DefaultInfo].files_to_run.executable,
        is_executable = True,
    )
    return DefaultInfo(
        executable = output,
        runfiles = binary[DefaultInfo].default_runfiles,
    )

_fuzz_binary = rule(
    implementation = _fuzz_binary_impl,
    attrs = {
        "binary": attr.label(mandatory = True, cfg = _instrumented),
        # Empty: that of //fuzz:engine.
        "engine": attr.string(values = [""] + ENGINES),
        "_allowlist_function_transition": attr.label(
            default = "@bazel_tools//tools/allowlists/" +
                      "function_transition_allowlist",
        ),
    },
    executable = True,
)

# ---- NAME_corpus: a directory of inputs

def _quote(text):
    return "'" + text.replace("'", "'\\''") + "'"

def _fuzz_corpus_impl(ctx):
    output = ctx.actions.declare_directory(ctx.label.name)
    command = ["cp", "{in}", "{out}"]
    tools = []
    if ctx.attr.converter:
        command = [ctx.executable.converter.path] + ctx.attr.converter_args
        tools = [ctx.attr.converter[DefaultInfo].files_to_run]
    lines = ["#!/bin/sh -e"]
    for file in ctx.files.srcs:
        name = file.short_path.replace("../", "").replace("/", "-")
        lines.append(" ".join([
            _quote(word.replace("{in}", file.path)
                .replace("{out}", output.path + "/" + name))
            for word in command
        ]))
    script = ctx.actions.declare_file(ctx.label.name + ".sh")
    ctx.actions.write(script, "\n".join(lines) + "\n", is_executable = True)
    ctx.actions.run(
        outputs = [output],
        inputs = ctx.files.srcs,
        executable = script,
        tools = tools,
        mnemonic = "FuzzCorpus",
        progress_message = "Gathering the corpus %s" % ctx.label,
        use_default_shell_env = True,
    )
    return DefaultInfo(
        files = depset([output]),
        runfiles = ctx.runfiles([output]),
    )

_fuzz_corpus = rule(
    implementation = _fuzz_corpus_impl,
    attrs = {
        "srcs": attr.label_list(allow_files = True),
        # In the target's configuration: it is mostly made of the same
        # libraries, which need not be built once more for it.
        "converter": attr.label(executable = True, cfg = "target"),
        "converter_args": attr.string_list(),
    },
)

# ---- NAME_dict: one valid dictionary

def _fuzz_dictionary_impl(ctx):
    output = ctx.actions.declare_file(ctx.label.name + ".dict")
    ctx.actions.run(
        outputs = [output],
        inputs = ctx.files.srcs,
        executable = ctx.executable._join,
        arguments = [output.path] + [file.path for file in ctx.files.srcs],
        mnemonic = "FuzzDictionary",
        progress_message = "Checking the dictionary %s" % ctx.label,
        use_default_shell_env = True,
    )
    return DefaultInfo(
        files = depset([output]),
        runfiles = ctx.runfiles([output]),
    )

_fuzz_dictionary = rule(
    implementation = _fuzz_dictionary_impl,
    attrs = {
        "srcs": attr.label_list(allow_files = True, mandatory = True),
        "_join": attr.label(
            default = "//tools/build:dictionary.py",
            allow_single_file = True,
            executable = True,
            cfg = "exec",
        ),
    },
)

def _printed_dictionary_impl(ctx):
    output = ctx.actions.declare_file(ctx.label.name + ".dict")
    ctx.actions.run_shell(
        outputs = [output],
        command = "%s > %s" % (_quote(ctx.executable.printer.path), _quote(output.path)),
        tools = [ctx.attr.printer[DefaultInfo].files_to_run],
        mnemonic = "PrintDictionary",
    )
    return DefaultInfo(files = depset([output]))

# The dictionary that a program prints.
printed_dictionary = rule(
    implementation = _printed_dictionary_impl,
    # In the target's configuration, as the converter of a corpus is.
    attrs = {"printer": attr.label(executable = True, cfg = "target", mandatory = True)},
)

# ---- NAME_run: the launcher

def _path_or_none(file):
    return file.short_path if file else ""

def _fuzz_launcher_impl(ctx):
    files = [
        file
        for file in [
            ctx.executable.binary,
            ctx.file.corpus,
            ctx.file.dictionary,
            ctx.file.afl_mutator,
        ]
        if file
    ]
    output = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.expand_template(
        template = ctx.file.template,
        output = output,
        is_executable = True,
        substitutions = {
            "%{binary}": ctx.executable.binary.short_path,
            "%{corpus}": ctx.file.corpus.short_path,
            "%{dictionary}": _path_or_none(ctx.file.dictionary),
            "%{afl_mutator}": _path_or_none(ctx.file.afl_mutator),
            "%{engine_args}": " ".join([
                _quote(arg)
                for arg in ctx.attr.engine_args
            ]),
            "%{name}": ctx.attr.target,
            "%{workspace}": ctx.workspace_name,
        },
    )
    runfiles = ctx.attr.binary[DefaultInfo].default_runfiles
    return DefaultInfo(
        executable = output,
        runfiles = runfiles.merge(ctx.runfiles(files)),
    )

_fuzz_launcher = rule(
    implementation = _fuzz_launcher_impl,
    attrs = {
        "target": attr.string(mandatory = True),
        "binary": attr.label(
            executable = True,
            cfg = "target",
            mandatory = True,
        ),
        "corpus": attr.label(allow_single_file = True, mandatory = True),
        "dictionary": attr.label(allow_single_file = True),
        "afl_mutator": attr.label(allow_single_file = True),
        "engine_args": attr.string_list(),
        "template": attr.label(allow_single_file = True, mandatory = True),
    },
    executable = True,
)

# ---- NAME_oss_fuzz: what OSS-Fuzz wants, in one archive

def _zip_entry(file):
    return "%s=%s" % (file.basename, file.path)

def _oss_fuzz_options(engine_args):
    """The engine's arguments, in the form of OSS-Fuzz's .options files."""
    return "".join(["[libfuzzer]\n"] + [
        "%s = %s\n" % (arg.lstrip("-").partition("=")[0], arg.partition("=")[2])
        for arg in engine_args
    ])

def _fuzz_package_impl(ctx):
    target = ctx.attr.target
    seeds = ctx.actions.declare_file(target + "_seed_corpus.zip")
    zip_args = ctx.actions.args()
    zip_args.add("c", seeds)
    zip_args.add_all([ctx.file.corpus], map_each = _zip_entry)
    ctx.actions.run(
        outputs = [seeds],
        inputs = [ctx.file.corpus],
        executable = ctx.executable._zipper,
        arguments = [zip_args],
        mnemonic = "FuzzSeeds",
    )

    members = {target: ctx.executable.binary, seeds.basename: seeds}
    if ctx.file.dictionary:
        members[target + ".dict"] = ctx.file.dictionary
    if ctx.attr.engine_args:
        options = ctx.actions.declare_file(target + ".options")
        ctx.actions.write(options, _oss_fuzz_options(ctx.attr.engine_args))
        members[options.basename] = options

    output = ctx.actions.declare_file(ctx.label.name + ".tar")
    ctx.actions.run_shell(
        outputs = [output],
        inputs = members.values(),
        command = "\n".join(["set -e", "mkdir members"] + [
            "cp -L %s members/%s" % (_quote(file.path), _quote(name))
            for name, file in members.items()
        ] + [
            "tar -cf %s --sort=name --mtime=@0 --owner=0 --group=0 " %
            _quote(output.path) + "--numeric-owner -C members .",
        ]),
        mnemonic = "FuzzPackage",
        progress_message = "Packing %s for OSS-Fuzz" % target,
    )
    return DefaultInfo(files = depset([output]))

_fuzz_package = rule(
    implementation = _fuzz_package_impl,
    attrs = {
        "target": attr.string(mandatory = True),
        "binary": attr.label(
            executable = True,
            cfg = "target",
            mandatory = True,
        ),
        "corpus": attr.label(allow_single_file = True, mandatory = True),
        "dictionary": attr.label(allow_single_file = True),
        "engine_args": attr.string_list(),
        "_zipper": attr.label(
            default = "@bazel_tools//tools/zip:zipper",
            executable = True,
            cfg = "exec",
        ),
    },
)

# ---- The macro

_AFL_LAUNCHER = "//tools/build:afl_run.sh"

def pollux_fuzz_test(
        name,
        srcs,
        corpus,
        corpus_converter = None,
        corpus_converter_args = ["convert", "--to=wire", "{in}", "-o", "{out}"],
        dicts = [],
        engine_args = [],
        afl_mutator = None,
        deps = [],
        data = [],
        size = None,
        timeout = None,
        tags = [],
        visibility = None,
        **kwargs):
    """Declares a fuzz target, as the head of this file shows.

    Args:
      name: name of the test that replays the corpus.
      srcs: sources of the target.
      corpus: seed inputs. The test fails without any.
      corpus_converter: program that turns a seed as people write it into the
        bytes that the target reads. Without it, they are the same.
      corpus_converter_args: its arguments; {in} and {out} stand for files.
      dicts: dictionaries, joined into one.
      engine_args: arguments of libFuzzer, such as "-max_len=4096".
      afl_mutator: shared library with a custom mutator for AFL++.
      deps: libraries of the target.
      data: files that the target reads at run time.
      size: of the test.
      timeout: of the test.
      tags: of every target made.
      visibility: of every target made.
      **kwargs: for the compilation of the sources: copts, local_defines, ...
    """
    common = {"tags": tags, "testonly": True, "visibility": visibility}
    binary, seeds, dictionary = name + "_bin", name + "_corpus", None

    _fuzz_corpus(
        name = seeds,
        srcs = corpus,
        converter = corpus_converter,
        converter_args = corpus_converter_args,
        **common
    )
    if dicts:
        dictionary = name + "_dict"
        _fuzz_dictionary(name = dictionary, srcs = dicts, **common)

    native.cc_test(
        name = name,
        size = size,
        timeout = timeout,
        srcs = srcs,
        args = ["$(rootpath :%s)" % seeds],
        data = data + [seeds],
        tags = tags,
        visibility = visibility,
        deps = deps + ["//fuzz:replay_main"],
        **kwargs
    )

    linkopts = kwargs.pop("linkopts", [])
    native.cc_binary(
        name = name + "_raw_",
        testonly = True,
        srcs = srcs,
        data = data,
        linkopts = linkopts + select({
            "//fuzz:engine_libfuzzer": ["-fsanitize=fuzzer"],
            "//conditions:default": [],
        }),
        tags = tags + ["manual"],
        visibility = ["//visibility:private"],
        deps = deps + select({
            "//fuzz:engine_afl": ["//fuzz:afl_main"],
            "//fuzz:engine_oss_fuzz": ["@oss_fuzz//:engine"],
            "//conditions:default": [],
        }),
        **kwargs
    )
    _fuzz_binary(name = binary, binary = name + "_raw_", **common)

    launched = dict(
        target = name,
        corpus = seeds,
        dictionary = dictionary,
        engine_args = engine_args,
    )
    packed = dict(binary = binary, **launched)
    packed.update(common)
    _fuzz_package(name = name + "_oss_fuzz", **packed)
    launched.update(afl_mutator = afl_mutator, **common)
    _fuzz_launcher(
        name = name + "_run",
        binary = binary,
        template = select({
            "//fuzz:engine_afl": _AFL_LAUNCHER,
            "//conditions:default": "//tools/build:fuzz_run.sh",
        }),
        **launched
    )

    # Only for who asks: AFL++ may not be installed.
    launched["tags"] = tags + ["manual"]
    _fuzz_binary(
        name = name + "_afl_bin",
        binary = name + "_raw_",
        engine = "afl",
        tags = tags + ["manual"],
        testonly = True,
        visibility = visibility,
    )
    _fuzz_launcher(
        name = name + "_afl",
        binary = name + "_afl_bin",
        template = _AFL_LAUNCHER,
        **launched
    )
