import time
from igny8_core.planner.imports import import_keywords, preview
from igny8_core.planner.clusters import *
from tests.world import *
def test_x(world):
    data=b"Keyword,Volume,Keyword Difficulty,CPC (USD),Intent\n"+b"".join(b"keyword number %d of many,%d,5,1.5,Commercial\n"%(n,n) for n in range(100_000))
    for i in range(2):
        t=time.time(); r=import_keywords(world.site,data); print("import", time.time()-t, r.imported,r.updated,r.skipped)
    t=time.time(); r=preview(world.site,data); print("preview", time.time()-t)
    data=data.replace(b",5,1.5",b",6,1.7")
    t=time.time(); r=import_keywords(world.site,data); print("update", time.time()-t, r.imported,r.updated,r.skipped)
    api=world.vera.api
    for q in ({}, {"ordering":"volume"},{"search":"999"},{"search":"a "*1500},{"search":"a,"*1500},{"ordering":",".join(["volume"]*3000)},{"page":10**30},{"page_size":10**30},{"volume__gte":10**30},{"volume__gte":"1e400"},{"search":"\x00"},{"status":"\x00"},{"language":"\x00"},{"ordering":"keyword__x,-cluster__account__name"}):
        t=time.time(); r=api.get("planner/keywords/",q); print(str(q)[:40], r.status_code, time.time()-t)
    t=time.time(); r=api.get("planner/keywords/export/"); n=len(r.getvalue()); print("csv", n, time.time()-t)
    t=time.time(); r=api.get("planner/keywords/export/?format=xlsx"); n=len(r.getvalue()); print("xlsx",n, time.time()-t)
    assert 0
