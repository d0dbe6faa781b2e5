"""A test that `pollux export` writes."""

def _exported_source_impl(ctx):
    output = ctx.actions.declare_file(ctx.label.name + ".cc")
    ctx.actions.run_shell(
        inputs = [ctx.file.program],
        outputs = [output],
        command = "%s export --gtest %s > %s" % (
            ctx.executable._pollux.path,
            ctx.file.program.path,
            output.path,
        ),
        tools = [ctx.attr._pollux[DefaultInfo].files_to_run],
        mnemonic = "ExportTest",
    )
    return DefaultInfo(files = depset([output]))

# The GoogleTest of a program.
exported_source = rule(
    implementation = _exported_source_impl,
    attrs = {
        "program": attr.label(allow_single_file = True, mandatory = True),
        # In the target's configuration, which the tests need anyway.
        "_pollux": attr.label(
            default = "//tools:pollux",
            executable = True,
            cfg = "target",
        ),
    },
)
