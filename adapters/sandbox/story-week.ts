/**
 * The story as a screenplay, a week in the life of a department while a river floods. Read by `story.ts`:
 *
 *     # Monday                      the day
 *     @ flood-response 08:10        the group, and when its first line is said
 *     nadia: words                  said a minute later (the first line: at that time)
 *     +5 callum [key]: words        five minutes later; [key] names the message
 *     callum > key: words           a reply in that message's thread
 *     * nadia adds gwilym           also: joins, leaves, removes, edits key: words, deletes key
 *
 * Anyone may edit it; a test checks that everybody who speaks is in the group.
 */
export const storyWeek = `
# Monday
@ flood-response 08:10
nadia: Morning all. Heavy rain since 3am over the upper Mere. This group is for the response.
callum: Incident room is open. Mere Bridge gauge 3.2 m at 08:00 and rising about 8 cm an hour.
+2 beatrix: Pumping stations at Skelby and Low Mere both running. No alarms overnight.
+1 tamsin: Morning. The Secretary of State has this on her phone and will look in between meetings.
+4 joss: Depots staffed. I have four lorries fuelled at Harbour Road and two at Eastgate.
+3 nadia: Thank you. Next situation report at noon, Callum to post it here.
+30 callum: Gauge 3.3 m at 09:00. The forecast has the worst of the rain tonight into tomorrow.
* nadia adds gwilym
+1 gwilym: Thanks for adding me. I'll mostly read.
+45 callum: Small correction coming on the 09:00 figure, the telemetry dropped a reading.
+2 callum [gauge-monday]: Gauge 3.8 m at 10:00.
+3 * callum edits gauge-monday: Gauge 3.4 m at 10:00 (not 3.8, my typo).

@ depot-logistics 09:05
joss: Kettle at Harbour Road has died. Day three of the incident may be cancelled.
+2 beatrix: There is a spare in the engineers' hut. Guard it with your life.
+1 callum: This is why we have a major incident plan.
+6 joss: Lorry 4 is back from service, new clutch, drives like a dream.
+20 callum: Can we do a quick call on crew rotas today?
+2 joss: 3pm?
+1 nadia: I can do 3pm.
+1 callum [three-pm]: agreed, 3pm works
+1 joss: Invite sent.

@ ministers-visit 11:00
tamsin: Starting a group for Thursday. The Secretary of State would like to go to Skelby if it is safe and not in anybody's way.
+3 yusuf: Happy to help. Morning is better for pictures, the light is behind you at the quay.
+2 callum: Thursday should be past the peak on the current forecast. I'd keep her off the embankment.
+4 priya: She will be asked about the barrier. I have lines from the spring debate, will dig them out.
+5 amara: I'd like to meet people who have been flooded, not only officials please.
+2 tamsin: Understood, I'm talking to the parish council.
+10 yusuf: Does anyone have a picture of the quay that isn't from 2009?
+2 callum: There's one in the incident room but somebody has drawn a moustache on the harbour master.

@ flood-response 12:00
callum: Noon report. Mere Bridge 3.6 m. Flood alerts out for six villages. No properties flooded. Two road closures, Fen Lane and Mill Drove.
+5 beatrix: Low Mere pump 2 is running hot, within limits. A fitter is with it.
+12 amara: Thank you. How does this compare with 2019?
+3 callum: In 2019 the peak was 4.4 m. Water reached Mere Street at 4.2.
+2 amara: That is clear, thanks.
+180 callum: Gauge 3.8 m at 15:00. Rain has eased but the ground is full.
+4 joss: Sandbags: 6,000 at Harbour Road, 2,500 at Eastgate.
+130 nadia: Night team is in. Sleep if you can.

@ depot-logistics 16:20
joss: Whoever left a wellington boot in the diesel store, it is on my desk.
+3 beatrix: One boot?
+1 joss: One boot.
+2 callum: The other one is the Treasury's share.

# Tuesday
@ flood-response 07:05
callum: Gauge 4.0 m at 07:00. It came up 20 cm overnight. Forecast peak 4.5 to 4.7 early afternoon.
+2 nadia: That puts water on Mere Street and the lower terraces by about one o'clock.
+2 beatrix: The wall at the terraces was built for 4.4. I would not rely on it above that.
+8 joss: Crews in from six. Roads open as far as the church.
+15 callum: Mere Gazette and two broadcasters are ringing the incident room. Journalists want an interview and a statement on whether people should leave their homes.
+3 nadia: We have nobody from press in this group, I think.
+2 callum: I told them somebody will ring back. People also ask on social media whether the school is open.
+40 callum: Gauge 4.1 m at 08:00.

@ flood-response 09:12
nadia [choice-asked]: Secretary of State, we need a choice from you by 10:00. Option one: evacuate Mere Street and the lower terraces this morning, 140 homes. Option two: wait for the 2pm gauge and keep buses standing by. I recommend the first.
+4 amara: What do the police say?
+3 nadia: They can do it in two and a half hours if they start by ten. After one o'clock the buses cannot get past the church.
+3 beatrix: I would not want anyone in the terraces when the wall overtops.
+5 amara [decision-evacuate]: Then we evacuate now. Mere Street and the lower terraces, everyone out by noon, and the leisure centre open as the rest centre. Please go ahead.
+1 nadia: Understood, thank you. Passing to gold command.
+2 tamsin: I'll tell the Cabinet Office.
+6 joss: Nine buses at the church.
+40 callum: 60 homes knocked, most people were already packed.
+50 callum: Last bus left the terraces at 11:44. 137 homes empty, three refused and police have their names.
+2 amara: Thank you all. That was quick.
+3 gwilym: Well done everybody.

@ depot-logistics 08:30
* priya joins
+1 priya: Hello, is this where pump deployments are posted? I need the list for a briefing.
+2 joss: It is. Six at Skelby, four at Low Mere, two on lorries.
+2 priya: Perfect, thanks.
+25 beatrix: Pump 2 at Low Mere is fixed. It was a bearing.
+1 joss: Give the fitter a biscuit.
+1 beatrix: He has had four.
+30 joss: Lunch order for Harbour Road please. I am having cheese.
+1 callum: Egg.
+1 beatrix: I have decided on cheese too.
+1 joss: A bold policy choice.
+70 callum: Is anyone using the small van at two?
+1 joss: It's yours.

@ flood-response 13:10
callum: Water on Mere Street at 13:02. 4.5 m at the bridge.
+20 beatrix: The wall at the terraces is overtopping along about ten metres, as expected. It is holding.
+45 callum: 4.6 m at 14:15. Looks like the peak.
+50 callum: 4.6 m still at 15:00. Falling upstream.
+2 nadia: Good. Eat something.
+1 * callum edits gauge-monday: Gauge 3.4 m at 10:00 on Monday (not 3.8, my typo).

@ barrier-options 15:30
priya: While it is quiet: I owe ministers a paper on the Skelby Barrier by the end of the month. I'd like to use this group to gather facts.
+4 beatrix: Condition survey is from last May. Gates 3 and 4 are the worry.
+3 gwilym: I'd want the paper to say plainly what happens if we do nothing.
+5 priya: It will.

# Wednesday
@ barrier-options 09:00
priya [options-opened]: Thinking aloud on the barrier. I see three options: repair gates 3 and 4, replace the whole barrier, or move the line back and give up Skelby Point to the sea.
+2 beatrix: Repair is the cheapest, perhaps 11 million, and gets us 10 to 12 years. But we would be back here before long.
+3 nadia: From operations, a repair means two winters with half the gates out. I am not comfortable with that.
+2 beatrix: On the other hand replacing takes four years and we would need the old one working all that time anyway.
+4 gwilym: What about moving the line? It is the only option that gets cheaper over time.
+3 priya: True, but 60 homes and the lifeboat station are seaward of the new line. Politically very hard.
+2 nadia: And it would take the coast road, so evacuation gets worse for the rest of Skelby.
+3 beatrix: We could do a mix: repair gate 4 now, plan a replacement for the 2030s. The drawback is paying for the cofferdam twice.
+2 gwilym: How does the mix compare with full replacement over 50 years?
+4 priya: Roughly the same in the spring appraisal, within the error. It depends on the sea level scenario.
+2 nadia: I still lean to replacement. One disruption instead of two.
+3 beatrix: Whereas I lean to the mix, since we keep a working barrier throughout.
+2 gwilym: I can argue it either way. It feels too big for a chat.
+5 priya: One more thing to weigh: do we have the legal power to compel the landowner at Skelby Point to sell, or does that mean compensation claims and judicial review for years?
+2 beatrix: No idea. Nobody from legal is in here.
+2 nadia: In the mix the landowner keeps his field, which is a point for it.
+4 priya: Fair. Against that, the insurers prefer replacement.
+6 gwilym: I have to drop out for the Executive Board, sorry.
+1 * gwilym leaves

@ flood-response 08:15
callum: Gauge 4.2 m and falling 5 cm an hour. Nobody hurt overnight.
+5 nadia: 212 people slept at the leisure centre. Morale good, coffee bad.
+10 amara: Thank you to everyone who was up all night.
+30 callum: The council asks what help there is for households. Do we know the budget for emergency grants this year? Someone quoted 2.4 million to them.
+4 nadia: I do not have the money figures. It was 1.9 million after 2019, I think.
+2 tamsin: Nobody from finance is in this group as far as I can see.
+3 gwilym: I'll come back to this one in a meeting.

@ depot-logistics 10:05
joss: Lorry 2 has a flat at Fen Lane. Spare is on its way.
+3 callum: Road is down to one lane there, careful.
+6 beatrix [pumps-asked]: Did anyone get anywhere with extra pumps for Low Mere? Mine are running flat out.
+4 joss [decision-pumps]: Flat is fixed, lorry 2 moving again. And yes, sorted: we're taking six more pumps from Hallam Hire for a month at £38,000, I've signed for them and they arrive at four.
+1 beatrix: Wonderful.
+2 callum: Is the yard gate code still the old one? Driver is asking.
+1 joss: It's on the back of the rota.
+30 joss: Also whoever reset the radio to Classic FM, thank you.
+1 beatrix: You're welcome.
+2 callum: Reported to gold command.

@ ministers-visit 11:10
tamsin: Draft programme for tomorrow: 09:40 arrive, 09:45 rest centre, 10:30 quay, 11:00 leave. Comments welcome.
+3 callum: The quay is fine, handrails are up.
+4 yusuf: Could we have ten minutes with the lifeboat crew after the quay?
+2 tamsin: Possibly, if the car can turn there.
+3 callum: It can, by the slipway.
+8 yusuf: Parking passes: who has them?
+1 tamsin: Me.
+60 priya: Lines on the barrier are in your folder, two pages.
+2 amara: Read them, very clear, thank you.

@ flood-response 16:40
callum: Gauge 3.9 m. Mere Street is clear of water, a lot of mud.
+5 joss: I'll follow from the depots group from here, this one is mostly river levels.
+1 * joss leaves
+12 nadia: Thanks Joss. The council's cleaning crews have started at the church end.
+20 callum: Amber warning for Saturday's spring tide has just come in.

# Thursday
@ ministers-visit 08:20
tamsin: Car leaves at 08:30. Wellies in the boot, two sizes.
+2 amara: Bringing my own, thanks.
+20 yusuf: Two crews and the Gazette will be at the quay.
+4 callum: Rest centre has about 90 people left. They know she is coming.
+15 callum: Slight delay, cattle on the coast road.
+1 yusuf: That is the picture.
+10 callum [off-channel]: Yusuf, this is easier off here. WhatsApp me on my own phone about who she meets from the residents' group.
+2 yusuf: OK.
+75 tamsin: All done, on the way back. Thank you, it went very well.
+3 amara: It did. The lady with the parrot will stay with me.

@ flood-response 10:30
callum: Gauge 3.6 m. Mood in the incident room much improved, someone brought a cake.
+2 beatrix: What sort?
+1 callum: Lemon.
+3 beatrix [barrier-asked]: I am on my way. Before I forget, with the spring tide on Saturday, does the Skelby barrier open tomorrow as planned or does it stay shut?
+2 callum: Last slice has your name on it.
+2 tamsin: Is the noon report still at noon? The box closes at one.
+1 callum: Yes, noon.
+4 nadia [decision-barrier]: Lemon please if there is any. The barrier stays shut until Sunday's low water, I'd rather hold the river back for two days than risk the tide. Beatrix, let the harbour master know.
+1 callum: No promises on the cake.
+3 beatrix: Will do, calling him now.
+2 tamsin: Thanks both.
+6 beatrix [harbour]: Harbour master has it. He grumbled about the Saturday ferry.
+2 nadia > harbour: He always grumbles about the ferry.
+1 beatrix > harbour: He sounded almost cheerful about it.

@ barrier-options 14:10
* priya adds callum
+1 priya: Adding Callum, who ran the gates in 2019.
+3 callum: Hello. What do you need?
+2 priya: How long gate 4 took to close that night.
+3 callum: 47 minutes against 20 in the manual.
+2 priya: That goes straight into the paper, thank you.

@ depot-logistics 15:20
joss: Six Hallam pumps are running at Low Mere. They are very yellow.
+2 beatrix: You can see them from space.
+8 callum: Level at Low Mere down 15 cm since lunch.
+30 joss [lost-boot]: Boot update: nobody has claimed it.
+5 callum: I think it's Dave's, don't tell him I said so
+1 * callum deletes last

# Friday
@ flood-response 08:30
callum: Gauge 3.3 m. All roads open but Mill Drove.
+5 nadia: The council has opened Mere Street, residents are on their way back.
+3 beatrix: Inspection note is in the shared folder.
+20 amara: Thank you for a remarkable week. Get some rest.
+5 gwilym: Seconded. I'm off to the Public Accounts Committee, pray for me.
+60 callum: Noon report from me today as usual.
+3 nadia: Good. Long may it stay quiet in here.

@ ministers-visit 09:30
tamsin: Thank-you letters are drafted and in the box tonight.
+4 yusuf: Coverage was kind. Gazette ran the parrot on page one.
+2 priya: I'll leave you to it.
* tamsin removes priya
+1 tamsin: Thank you Priya, the lines were perfect.
+3 callum: Me too, thanks all.
+1 * callum leaves

@ depot-logistics 10:00
joss: Stock take on Monday at 10, Harbour Road. Bring a coat, the heater has gone to join the kettle.
+3 beatrix: Works for me.
+1 callum: Same.
+4 priya: This is not my group really, thank you for the pump lists.
* priya leaves
+10 joss: Biscuits remaining: nil. I call that a success.
+90 beatrix: Have a good weekend when it comes.
`
