"""REC_3.2-1080: the documents linked to the one that is read."""

from pathlib import Path

from desk import Desk, play
from document_steps import READER, open_list, read


def test_rec_3_2_1080_what_shares_a_reference_is_one_key_away(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk, "cps-urgentiste", "vitale-hopital")
        await read(desk, "Scanner thoracique : compte rendu", "Pas d'embolie pulmonaire")
        await desk.user.press("l")
        await desk.user.see(
            "Documents liés à celui-ci", "Scanner thoracique : addendum", "Images du scanner thoracique"
        )
        await desk.user.press("enter")
        await desk.user.see(READER, "micronodule de 3 mm")

    play(story, tmp_path)
