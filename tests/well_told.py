"""What people write who have back trouble and no warning sign, and what people write who have one.

Written as people write: whole sentences and scraps, slips of spelling, lives beside the complaint.
"""

from __future__ import annotations

WELL = """My lower back has been aching since I moved house last weekend. I'm 34.
im 27 and my lower bak hurts after deadlifts, 2 weeks now
Woke up on Tuesday with a stiff lower back, no idea why. 52 year old man.
I am a 45 year old nurse. Dull pain across the lower back, worse at the end of a shift.
Pain in the right side of my lower back for three weeks, about 4 out of 10.
low back pain, left side, 5/10, since Sunday, office job
My back went again while tying my shoes. It happens once or twice a year. I am 48.
40, female, secretary. Back pain on and off for years, worse when I sit too long.
I had a slipped disc ten years ago. Now the back aches again since Monday.
Backache in the evening, fine in the morning. I stand all day in a shop.
I'm 24 weeks pregnant and my pelvis hurts when I turn over in bed.
28 weeks pregnant, lower back pain for a month. Baby is kicking well.
After having my baby four months ago my lower back hurts when I lift him.
Pain in my left buttock that goes down to the knee, for six weeks. Cycling makes it worse.
Sciatica again! Down the right leg to the calf. 39, male, lorry driver.
My hip hurts on the outside when I lie on it. I am 58 and walk a lot.
I'm a runner (30 km a week) and my outer hip is sore after long runs.
My hamstrings are tight and my lower back hurts when I bend forward.
It hurts when I bend backwards, I am a gymnast, 19 years old.
I take ibuprofen and it helps. Lower back pain for five days.
I take thyroid tablets and the pill. My back hurts since last week.
High blood pressure, well controlled. Otherwise fit. My back aches after gardening.
I broke my ankle as a child. Now my lower back hurts for two months.
I smoke ten a day. Back pain since I started a new job at a desk in May.
My back hurts, probably from my mattress. 31 years old.
My lower back hurts because I have been sitting badly in home office.
I sneezed and my back locked up yesterday. It is a little better today. 36.
The pain is 7/10 when I get up from a chair and 2/10 when I walk.
It comes and goes. Sometimes left, sometimes right. I'm 29.
Lower back pian for about 10 days, started after shoveling snow
I am overweight and don't move much. Lower back pain for a year.
I've had physiotherapy and it helped, but the pain right back again after a week.
I do yoga twice a week and still my lower back is stiff every morning for ten minutes.
Muscle soreness in the lower back after rowing, 2 days.
My wife says I should get my back checked. It has been sore for 4 weeks, I'm 55.
My 3 year old is heavy and carrying her makes my back ache. I'm 33.
Pain in the lower back, goes away when I lie down. Plumber, 43.
I'm a student, I sit 10 hours a day and my back is killing me
A bit of back pain, nothing dramatic. Just want some exercises.
My doctor said it is muscular. It still hurts after three weeks. 47, teacher.
I had an MRI last year: mild wear and tear. The ache is back since Friday.
Groin pain when I get in and out of the car, 62, some arthritis in the hip.
The front of my hip is tight after sitting all day at the computer.
Hello, I would like to know what I can do for my back pain. I'm 50 and work as a cook. Thanks!
I am 66, retired, and my back hurts when I have been standing in the kitchen for half an hour.
Back pain after a long flight, 4 days ago. I sleep well and feel fine.
I play football on Sundays. Since the last match my lower back is sore on the left.
My job is stressful and I sleep badly. The back pain has been there for five months.
35 yo male, 80 kg, 182 cm, lower back pain since 3 days, never had it before
I'm breastfeeding and my lower back hurts when I pick up the baby.
Dull ache right across my back, just above the belt
I lift patients at work. My back was sore yesterday, today it's a 3.
The pain is worst in the morning when I put on my socks, then it eases off.
Pain on the left side of my lower back when I twist, since playing golf on Saturday.
Desk job, 41. Lower back tightness, maybe from not exercising. Two weeks.
it only hurts when i laugh or lift something heavy, its been 1 week
I strained my back picking up a box of books on Wednesday. 38/f.
My back pain is better with heat and worse with cold weather, I'm 61
Ache in both buttocks after sitting on a hard bench, since Saturday
Ever since I began driving to work an hour each way, my lower back complains. I'm 44.
My SI joint is playing up again on the right. 37 years, two kids.
I've got an achy lower back and I am 5'9 and 14 stone.
On a scale of 1 to 10 it's a six. Lower back, three days, after painting the ceiling.
I am 42, hairdresser, on my feet all day, low back ache most evenings for months
I've had an annoying lower back pain for three weeks, since helping my brother move a piano.
Hi, 33M here, software developer. My lower back gets sore after a full day of sitting.
Back spasm since yesterday afternoon after bending over to pick up a pen
I'm a 62 year old woman and my lower back has been bothering me for about six months.
Lower back pain on the right hand side when I roll over in bed
my back is really stiff when I get up but loosens up after a shower
I'm 71 and I've got a sore back from lifting my grandchildren
I have had lower back trouble all my adult life. I'm 59, bus driver.
It started gradually about two months ago and hasn't really changed.
I get a sharp pain in my lower back when I stand up from sitting. Otherwise I'm fine.
my buttock hurts when i sit on my wallet
I did a long hike at the weekend, now my lower back and hips ache
Ache in the lower back during my period, 26
I'm 45, perimenopausal, achy back and hips.
I work from home and my chair is terrible. Sore lower back for 2 months.
The pain is mostly on the left and sometimes goes into my buttock. 5 out of 10.
I have scoliosis since I was a teenager. My back aches more lately.
lower back pain after sex, 30 f
I'm 38 and did too much in the garden
I've got lower back pain from bad posture
Lower back ache that gets better when I move around
Hurt my back at work on Monday lifting a fridge. I can walk fine.
Had back surgery in 2012, now a dull ache for three weeks. 57.
I'm on antidepressants and my back is sore
I play the cello and my back hurts after practice
My lumbar region feels tense since the exams started
Worried about my back, it has been aching for two weeks. I am 49.
Back pain gets worse when I am stressed""".split("\n")
WELL_DE = """Ich habe seit drei Tagen Kreuzschmerzen, nachdem ich aufgeräumt habe. Ich bin 46.
Mein unterer Rücken tut weh, wenn ich lange sitze. Bürojob, 38 Jahre.
Seit Montag Hexenschuss, ich komme kaum vom Stuhl hoch. Bin 44.
28. Woche schwanger, der untere Rücken zieht
Ich bin in der 20. Schwangerschaftswoche und habe Schmerzen im Becken beim Umdrehen.
Rückenschmerzen links, Stärke 4 von 10, seit zwei Wochen, Verkäuferin
Ich arbeite als Krankenschwester und hebe viel. Abends tut der Rücken weh.
Schmerzen im Gesäß rechts, ziehen bis zum Knie, seit einem Monat
Hatte vor zehn Jahren einen Bandscheibenvorfall, jetzt tut es wieder weh
Ich jogge 20 km die Woche und habe Schmerzen außen an der Hüfte
Rückenschmerzen kommen und gehen, mal links, mal rechts. 29 Jahre alt.
Ich nehme Ibuprofen, das hilft. Kreuzschmerzen seit fünf Tagen.
Beim Bücken tut es im Kreuz weh, sonst geht es mir gut
Nach dem Umzug am Wochenende ist mein Rücken verspannt
Ich bin 52, männlich, LKW-Fahrer, Rückenschmerzen seit Jahren, schlimmer beim Sitzen
Seit der Geburt vor fünf Monaten tut mir das Kreuz weh, wenn ich das Baby hebe
rückenschmerzn seit gestern nach dem schneeschippen
Ich nehme die Pille und Schilddrüsentabletten. Der Rücken schmerzt seit letzter Woche.
Ich hab mich beim Heben einer Kiste verhoben, am Mittwoch. 35/w.
Morgens bin ich zehn Minuten steif, danach geht es. 41 Jahre.
Mein Arzt sagt, es sind die Muskeln. Es tut immer noch weh, seit drei Wochen.
Ich bin Studentin und sitze den ganzen Tag am Laptop. Der Rücken ist steif.
Ischias rechts bis in die Wade, 39, Kraftfahrer
Etwas Übergewicht, wenig Bewegung, seit einem Jahr Kreuzschmerzen
Guten Tag, was kann ich gegen meine Rückenschmerzen tun? Ich bin 63 und Rentner. Vielen Dank!
Der Schmerz ist 6/10, wenn ich aufstehe, und 2/10, wenn ich gehe
Leistenschmerzen beim Aussteigen aus dem Auto, 60 Jahre, Arthrose
Ich spiele Tennis und seit dem letzten Spiel tut der untere Rücken links weh
Stress im Beruf, schlafe schlecht, Rückenschmerzen seit vier Monaten
Kreuzschmerzen, besser bei Wärme, schlechter bei Kälte. Ich bin 57.
Mein Kind ist schwer, vom Tragen tut mir der Rücken weh. Bin 32.
Meine Hüftbeuger sind verkürzt vom vielen Sitzen, unterer Rücken zieht
Hallo, ich (33, m) habe seit drei Wochen Schmerzen im unteren Rücken nach langem Sitzen am PC.
Mein Rücken macht seit Wochen Probleme, besonders abends nach der Arbeit.
Beim Aufstehen am Morgen bin ich steif, nach dem Duschen ist es besser.
Ich bin 59, Busfahrer, und habe seit Jahren immer wieder Rückenprobleme.
Schmerz im rechten Gesäß beim Sitzen, seit sechs Wochen
Ich bin in der 30. Woche und mein Kreuz schmerzt vor allem abends
Seit dem Wochenende habe ich einen Hexenschuss
Mein Steißbein tut beim Sitzen weh
Ich bin Altenpflegerin, 50 Jahre, der Rücken tut nach jeder Schicht weh
Leichte Schmerzen im Lendenbereich seit Dienstag, wahrscheinlich falsch gelegen
Ich hatte das noch nie. 27 Jahre, sportlich.
Es zieht vom Rücken in die linke Pobacke
Schmerzen rechts unten im Rücken, Stärke 3, seit vier Tagen
Wenn ich lange stehe, schmerzt mein Rücken. Ich wiege 95 kg.""".split("\n")
# What is told, and the level that it asks for at least, before any question.
NOW, SOON, VISIT = "emergency_now", "urgent_physician", "routine_physician"
SIGNS = (
    (
        "Since this morning I can't pee although my bladder feels full, and my back is killing me.",
        NOW,
    ),
    (
        "I'm 41, desk job. Back pain for 2 weeks and since yesterday it is numb between my legs.",
        NOW,
    ),
    ("My lower back hurts after gardening and I wet myself twice today.", NOW),
    ("Both of my legs are getting weaker since Monday, and my back aches.", NOW),
    ("I fell off a ladder on Saturday and my back hurts terribly.", SOON),
    ("72, tripped in the kitchen, sudden back pain since, I have osteoporosis.", SOON),
    ("Back pain for three weeks and I've got a fever of 38.9", SOON),
    ("I had breast cancer in 2015 and now my back hurts all night.", VISIT),
    ("I have prostate cancer, back pain for a month, 68", VISIT),
    ("I'm losing weight without trying and my back aches, 60.", VISIT),
    ("My foot drops when I walk. Sciatica for two weeks.", SOON),
    ("numb when i wipe, back pain 3 days", NOW),
    ("I can't control my bowels since yesterday.", NOW),
    ("Tearing pain in my belly and back, I feel faint.", NOW),
    ("My doctor said I have an aortic aneurysm, and now I have new back pain.", NOW),
    ("I inject heroin and my back hurts a lot, I feel shivery.", SOON),
    ("I take prednisolone every day and my back suddenly hurts. I am 70.", SOON),
    ("30 weeks pregnant, leaking fluid and low back pain.", NOW),
    ("I'm pregnant and I am bleeding, my back hurts too.", NOW),
    ("My leg is cold and white since an hour ago.", NOW),
    ("My leg is weak, I sit at a desk all day, 44, male.", SOON),
    ("Pain in the lower back, and my calf is swollen and red.", SOON),
    ("I can't feel my private parts properly. Pain 6/10.", NOW),
    ("Car crash yesterday. My back hurts on the left, 5/10.", SOON),
    ("I have chest pain and pain between my shoulder blades", NOW),
    ("back pain, night sweats and chills for a week", VISIT),
    ("My back pain is unbearable and I cannot stand", SOON),
    ("I take warfarin and since yesterday I have sudden severe back pain and a weak leg.", NOW),
    ("im 16 and my back hurts when i run", VISIT),
    ("My walking is unsteady and my hands are clumsy, back pain for months", SOON),
    ("After physiotherapy my toes won't lift any more, right side", SOON),
    ("I am a nurse, 35, otherwise healthy, but my bottom has gone numb", NOW),
)
SIGNS_DE = (
    ("Seit heute Morgen kann ich nicht mehr pinkeln, Kreuzschmerzen habe ich auch.", NOW),
    ("Ich bin 41, Bürojob. Seit gestern ist es zwischen den Beinen taub.", NOW),
    ("Meine Beine werden immer schwächer, der Rücken tut weh.", SOON),
    ("Ich bin von der Leiter gefallen, jetzt tut der Rücken furchtbar weh.", SOON),
    ("Rückenschmerzen seit drei Wochen und 39 Fieber", SOON),
    ("Ich hatte Brustkrebs und jetzt nachts Rückenschmerzen", VISIT),
    ("Ich habe Osteoporose, bin gestolpert und seitdem Rückenschmerzen. 74 Jahre.", SOON),
    ("28. Woche schwanger, Fruchtwasser läuft, Rücken tut weh", NOW),
    ("Ich kann den Stuhl nicht mehr halten", NOW),
    ("Mein Fuß hängt beim Gehen, Ischias seit zwei Wochen", SOON),
    ("Autounfall gestern, Rückenschmerzen", SOON),
    ("Ich habe 8 Kilo abgenommen, ohne es zu wollen, und Rückenschmerzen", VISIT),
    ("Nehme Kortison, plötzlich starke Rückenschmerzen, 71", SOON),
    ("Schüttelfrost und Rückenschmerzen seit gestern", VISIT),
    ("Ich bin 15 und mein Rücken tut weh", VISIT),
    ("Reißende Schmerzen im Rücken und Bauch, mir wird schwarz vor Augen", NOW),
)
