"""A whole set of tables, small enough to see at a glance: what the tests break, fit and count."""

from __future__ import annotations

from pathlib import Path

TABLES = {
    "states.csv": """\
variable,state,label
age,young,Young
age,old,Old
weak,absent,No
weak,present,Yes
ill,absent,No
ill,present,Yes
pain,no,No
pain,yes,Yes
sign,none,None
sign,mild,Mild
sign,strong,Strong
drop,no,No
drop,yes,Yes
""",
    "variables.csv": """\
name,layer,group,ask,cost,label,clinician_label,question,help
age,context,person,question,1,Age,,How old are you?,
weak,imbalance,muscles,none,,Weak muscle,,,
ill,condition,illness,none,,Illness,,,
pain,finding,pain,question,1,Pain,,Does it hurt?,
sign,finding,tests,clinical_test,5,Sign,Sign of Small,Is the sign there?,
drop,triage_only,alarm,question,1,Foot drop,,Does the foot drop?,
""",
    "roles.csv": "variable,role\nill,must_not_miss\nweak,changeable\nage,stratum\n",
    "skips.csv": "question,variable,state\nsign,pain,no\n",
    "sources.csv": """\
key,citation,year,identifier,url,read
expert,Judgement.,,,,
smith,Smith J (2020). A small study.,2020,,,full text
""",
    "probabilities.csv": """\
variable,state,given,value,low,high,source,grade,draw_group,before_fit,fitted_to,note
age,old,,0.4,0.4,0.4,smith,A,,,,
weak,present,,0.3,0.2,0.4,smith,B,,,,
ill,present,age=young,0.1,0.05,0.2,smith,C,,,,
ill,present,age=old,0.25,0.1,0.4,expert,D,,,,
""",
    "links.csv": """\
effect,effect_state,cause,cause_state,quantity,value,low,high,source,grade,draw_group,before_fit,fitted_to,note
pain,yes,leak,,strength,0.1,0.05,0.2,expert,D,leak,,,
pain,yes,weak,present,strength,0.5,0.3,0.7,smith,B,,,,
pain,,weak,,causal_share,0.4,0.1,0.8,expert,D,,,,
sign,mild,leak,,strength,0.05,0.02,0.1,expert,C,,,,
sign,strong,leak,,strength,0.01,0.002,0.03,expert,C,,,,
sign,mild,ill,present,strength,0.3,0.2,0.4,smith,B,,,,
sign,strong,ill,present,strength,0.5,0.35,0.65,smith,B,,,,
""",
    "target_settings.csv": "target_id,setting\n",
    "predictions.csv": "target_id,mean,sd,alone_mean,alone_sd,loose_sd\n",
    "targets.csv": """\
target_id,quantity,measure,variable,state,given,compare,means,value,low,high,source,evidence_id,role,reason,note
pain-all,Pain,probability,pain,yes,,,present,0.35,0.33,0.37,smith,,fitted,leak of pain,
sign-ill,Sign,probability,sign,mild|strong,ill=present,,present,0.8,0.6,0.9,smith,,emergent,,
ill-old,Illness,probability,ill,present,age=old,,present,0.9,0.85,0.95,smith,,emergent,,
""",
    "explanations.csv": "target_id,explanation\n",
    "verification.csv": "number,source,verdict,read,where,date,figure\n",
}


def write_tables(folder: Path, table: str = "", old: str = "", new: str = "") -> Path:
    """Write the tables into a folder, ``old`` replaced by ``new`` in one of them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in TABLES.items():
        if name == table:
            assert text.count(old) == 1, f"{old!r} does not stand once in {name}"
            text = text.replace(old, new)
        (folder / name).write_text(text, encoding="utf-8")
    return folder
