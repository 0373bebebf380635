from __future__ import annotations

from soundstage.scenario import describe_graph, load_scenario


def test_the_graph_shows_who_hears_whom(write, call):
    path = write(
        '[scenario]\nname = "A call"\n'
        + call
        + '[agents.supervisor]\nkind = "dummy_kinds:DummyAgent"\n[[links]]\nfrom = "bob"\n'
        'to = "supervisor"\n[agents.carol]\n'
    )
    assert (
        describe_graph(load_scenario(path))
        == """\
A call

  alice       hears bob
              realtime, calls local, voice shimmer
  bob         hears alice
              realtime, calls local, voice ash
  supervisor  hears bob
              dummy_kinds:DummyAgent, voice marin
  carol       hears no other agent
              realtime, calls local, voice cedar

  alice      <--> bob
  bob        ---> supervisor"""
    )
