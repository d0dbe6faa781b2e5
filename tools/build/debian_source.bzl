"""A repository made from a Debian source package that bazelw has fetched."""

def _debian_source_impl(ctx):
    package = ctx.attr.package
    sources = ctx.os.environ.get("POLLUX_SOURCES")
    if not sources:
        fail("@%s comes from a Debian source package: run through ./bazelw" %
             ctx.name)
    archives = [
        path
        for path in ctx.path(sources).readdir()
        if path.basename.startswith(package + "_")
    ]
    if len(archives) != 1:
        fail("expected one archive of %s in %s, found %s: " %
             (package, sources, archives) + "run through ./bazelw")
    result = ctx.execute(["tar", "-xf", archives[0], "--strip-components=1"])
    if result.return_code:
        fail("cannot unpack %s: %s" % (archives[0], result.stderr))
    ctx.file("WORKSPACE", "workspace(name = \"%s\")\n" % ctx.name)
    if ctx.attr.build_file:
        ctx.delete("BUILD.bazel")
        ctx.symlink(ctx.attr.build_file, "BUILD.bazel")

debian_source = repository_rule(
    implementation = _debian_source_impl,
    attrs = {
        "package": attr.string(
            mandatory = True,
            doc = "Name of the Debian source package.",
        ),
        "build_file": attr.label(
            doc = "Replaces the package's own top-level build file.",
        ),
    },
    environ = ["POLLUX_SOURCES"],
    doc = "Unpacks a source package as its authors released it.",
)
