%% escript build.escript SOURCES FOLDER: compiles the nodes of SOURCES and the dictionaries (*.dia) of FOLDER into FOLDER.
main([Sources, Folder]) ->
    [dictionary(File, Folder) || File <- filelib:wildcard(filename:join(Folder, "*.dia"))],
    Nodes = filename:join(Sources, "epc_nodes.erl"),
    {ok, epc_nodes} = compile:file(Nodes, [{outdir, Folder}, report, warnings_as_errors]).

dictionary(File, Folder) ->
    {ok, [Forms]} = diameter_make:codec(File, [return, forms]),
    {ok, Module, Code} = compile:forms(Forms),
    ok = file:write_file(filename:join(Folder, atom_to_list(Module) ++ ".beam"), Code).
