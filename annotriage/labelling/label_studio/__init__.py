"""The conversation with a Label Studio server: what is sent, what comes back, and what stands in the way.

`tokens` knows a server's token or keeps one, `connection.connect` takes it and returns a `Connection` with projects and
people. `order.order_from` puts together what is to be sent (`SendOrder.words` says it before), and `sending.send` sends
it. `fetching.fetch_results` fetches and measures, `status.project_status` says how far it is, `doctor.examine` what is
wrong. `links.links_of` and `choice.choice_from` remember where a folder was sent and how.

What takes long tells meanwhile (`progress.StudioProgress`) and ends soon once its event is set; nothing knows a screen.
"""
