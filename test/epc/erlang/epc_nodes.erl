%% MMEs and SGSNs for the ring, each a service of Erlang/OTP's diameter with a connection of its own.
%%
%% Commands are Erlang terms on standard input, one a line:
%%   {start, Node, #{host, realm, port, transport}}.   connects
%%   {stop, Node}.                                     disconnects
%%   {call, Id, Node, Application, Name, Avps}.        sends a request
%%   {answer, Node, Name, Avps | discard}.             what the next requests get
%% What happens is printed as JSON, one object a line: octets in hexadecimal digits, whatever their type.
-module(epc_nodes).
-export([main/0]).
-export([peer_up/4, peer_down/4, pick_peer/5, prepare_request/4, prepare_retransmit/4,
         handle_answer/5, handle_error/5, handle_request/4]).

%% As diameter.hrl of Erlang/OTP 25 has them; erlang-diameter of Debian comes without headers.
-record(diameter_packet, {header, avps, msg, bin, errors = [], transport_data}).
-record(diameter_avp, {code, vendor_id, is_mandatory, need_encryption, data, name, value, type, index}).

-define(S6A, 16777251).
-define(S13, 16777252).
-define(VENDOR_3GPP, 10415).
-define(SUCCESS, 2001).
-define(NO_STATE_MAINTAINED, 1).

main() ->
    ok = diameter:start(),
    ?MODULE = ets:new(?MODULE, [named_table, public]),
    print(#{event => ready}),
    commands().

commands() ->
    case io:read('') of
        {ok, Command} ->
            command(Command),
            commands();
        eof ->
            diameter:stop(),
            halt(0)
    end.

command({start, Node, #{host := Host, realm := Realm} = Options}) ->
    ets:insert(?MODULE, {Node, Host, Realm}),
    ok = diameter:start_service(Node, service(Node, Host, Realm)),
    {ok, _} = diameter:add_transport(Node, {connect, transport(Options)});
command({stop, Node}) ->
    ok = diameter:stop_service(Node),
    ok = diameter:remove_transport(Node, true),
    print(#{event => stopped, node => Node});
command({call, Id, Node, Application, Name, Avps}) ->
    spawn(fun() -> call(Id, Node, Application, Name, Avps) end);
command({answer, Node, Name, Avps}) ->
    ets:insert(?MODULE, {{Node, Name}, Avps}),
    print(#{event => set, node => Node}).

service(Node, Host, Realm) ->
    [{'Origin-Host', Host},
     {'Origin-Realm', Realm},
     {'Vendor-Id', ?VENDOR_3GPP},
     {'Product-Name', "Erlang/OTP"},
     {'Supported-Vendor-Id', [?VENDOR_3GPP]},
     {'Vendor-Specific-Application-Id',
      [[{'Vendor-Id', ?VENDOR_3GPP}, {'Auth-Application-Id', [Id]}] || Id <- [?S6A, ?S13]]},
     {decode_format, map},
     {string_decode, false},
     {strict_mbit, true}
     | [application(Node, Alias, Dictionary)
        || {Alias, Dictionary} <- [{common, diameter_gen_base_rfc6733}, {s6a, epc_s6a}, {s13, epc_s13}]]].

application(Node, Alias, Dictionary) ->
    {application, [{alias, Alias},
                   {dictionary, Dictionary},
                   {module, [?MODULE, Node]},
                   {answer_errors, report},
                   {request_errors, callback}]}.

transport(#{port := Port, transport := tcp}) ->
    [{transport_module, diameter_tcp},
     {transport_config, [{raddr, {127, 0, 0, 1}}, {rport, Port}, {ip, {127, 0, 0, 1}}]}
     | timers()];
transport(#{port := Port, address := Address, own := Own, transport := sctp}) ->
    [{transport_module, diameter_sctp},
     {transport_config, [{raddr, Address}, {rport, Port}, {ip, Own}]}
     | timers()].

%% An HSS that starts again is found soon. Twice: of the transport and of the watchdog.
timers() ->
    [{connect_timer, 500}, {watchdog_timer, 6000}, {watchdog_config, [{okay, 0}]}].

call(Id, Node, Application, Name, Avps) ->
    Answer = diameter:call(Node, Application, [Name | with_session(Node, Avps)],
                           [{extra, []}, {timeout, 8000}]),
    print(case Answer of
              #diameter_packet{} = Packet -> (message(Packet))#{event => answer, id => Id, node => Node};
              {error, Reason} -> #{event => failed, id => Id, reason => text(Reason)}
          end).

with_session(Node, Avps) ->
    [{_, Host, Realm}] = ets:lookup(?MODULE, Node),
    maps:merge(#{'Session-Id' => diameter:session_id(Host),
                 'Origin-Host' => Host,
                 'Origin-Realm' => Realm,
                 'Auth-Session-State' => ?NO_STATE_MAINTAINED}, Avps).

%% ------------------------------------------------------------------ callbacks of diameter

peer_up(_Service, _Peer, State, Node) ->
    print(#{event => up, node => Node}),
    State.

peer_down(_Service, _Peer, State, Node) ->
    print(#{event => down, node => Node}),
    State.

pick_peer([Peer | _], _, _Service, _State, _Node) ->
    {ok, Peer};
pick_peer([], _, _Service, _State, _Node) ->
    false.

prepare_request(#diameter_packet{msg = Message}, _Service, _Peer, _Node) ->
    {send, Message}.

prepare_retransmit(Packet, Service, Peer, Node) ->
    prepare_request(Packet, Service, Peer, Node).

handle_answer(Packet, _Request, _Service, _Peer, _Node) ->
    Packet.

handle_error(Reason, _Request, _Service, _Peer, _Node) ->
    {error, Reason}.

handle_request(#diameter_packet{msg = [Name | Avps]} = Packet, _Service, _Peer, Node) ->
    print((message(Packet))#{event => request, node => Node}),
    [{_, Host, Realm}] = ets:lookup(?MODULE, Node),
    Usual = #{'Session-Id' => maps:get('Session-Id', Avps),
              'Origin-Host' => Host,
              'Origin-Realm' => Realm,
              'Auth-Session-State' => ?NO_STATE_MAINTAINED},
    case ets:lookup(?MODULE, {Node, Name}) of
        [{_, discard}] -> discard;
        [{_, Wanted}] -> {reply, [answer_name(Name) | maps:merge(Usual, Wanted)]};
        [] -> {reply, [answer_name(Name) | Usual#{'Result-Code' => ?SUCCESS}]}
    end.

answer_name('CLR') -> 'CLA';
answer_name('IDR') -> 'IDA';
answer_name('DSR') -> 'DSA';
answer_name('RSR') -> 'RSA'.

%% ------------------------------------------------------------------ output

%% An AVP that a format does not name is in a list 'AVP', here and in each group.
message(#diameter_packet{msg = [Name | Avps], errors = Errors}) ->
    #{name => Name, avps => Avps, errors => [text(Error) || Error <- Errors]}.

text(Term) ->
    iolist_to_binary(io_lib:format("~0p", [Term])).

%% One write a line: several processes print.
print(Object) ->
    io:put_chars([json(Object), $\n]).

json(#diameter_avp{} = Avp) -> json(text(Avp));
json(Map) when is_map(Map) ->
    [${, lists:join($,, [[json_key(Key), $:, json(Value)] || {Key, Value} <- maps:to_list(Map)]), $}];
json(List) when is_list(List) -> [$[, lists:join($,, [json(Item) || Item <- List]), $]];
json(Tuple) when is_tuple(Tuple) -> json(tuple_to_list(Tuple));
json(Number) when is_integer(Number) -> integer_to_list(Number);
json(Atom) when is_atom(Atom) -> json_key(Atom);
json(Octets) when is_binary(Octets) -> [$", binary:encode_hex(Octets), $"].

json_key(Atom) -> [$", atom_to_list(Atom), $"].
