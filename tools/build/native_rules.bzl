"""A stand-in for rule repositories that Bazel's own build files load.

Later Bazels moved rules out of Bazel into repositories such as rules_cc. In
ours they are still native, so that the repository need only name them.
"""

def _native_rules_impl(ctx):
    ctx.file(ctx.attr.package + "/BUILD.bazel")
    ctx.file(ctx.attr.package + "/defs.bzl", "".join([
        "{rule} = native.{rule}\n".format(rule = rule)
        for rule in ctx.attr.rules
    ]))

native_rules = repository_rule(
    implementation = _native_rules_impl,
    attrs = {
        "package": attr.string(
            mandatory = True,
            doc = "The package whose defs.bzl is loaded.",
        ),
        "rules": attr.string_list(
            mandatory = True,
            doc = "Names of the native rules that defs.bzl offers.",
        ),
    },
)
