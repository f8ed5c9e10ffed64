BEGIN TRANSACTION;
CREATE TABLE folders (
	id INTEGER NOT NULL, 
	path TEXT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (path)
);
INSERT INTO "folders" VALUES(1,'/somewhere/Fotos mit ü');
CREATE TABLE predictions (
	id INTEGER NOT NULL, 
	folder_id INTEGER NOT NULL, 
	model TEXT NOT NULL, 
	name TEXT NOT NULL, 
	size INTEGER NOT NULL, 
	modified_ns INTEGER NOT NULL, 
	predicted_dice FLOAT, 
	lower FLOAT, 
	upper FLOAT, 
	further TEXT, 
	error TEXT, 
	heatmap BLOB, 
	lesion BLOB, 
	PRIMARY KEY (id), 
	UNIQUE (folder_id, model, name), 
	FOREIGN KEY(folder_id) REFERENCES folders (id) ON DELETE CASCADE
);
INSERT INTO "predictions" VALUES(1,1,'a model','IMG_1.jpg',10,20,0.25,0.15,0.35,'{"count": 2.5}',NULL,X'02000200780163D8C160C2C0C060030006500129',NULL);
INSERT INTO "predictions" VALUES(2,1,'a model','IMG_2.jpg',10,20,0.75,0.65,0.85,'{"count": 2.5}',NULL,X'02000200780163D8C160C2C0C060030006500129',NULL);
INSERT INTO "predictions" VALUES(3,1,'a model','below/ü 3.png',10,20,0.5,0.4,0.6,'{"count": 2.5}',NULL,X'02000200780163D8C160C2C0C060030006500129',NULL);
INSERT INTO "predictions" VALUES(4,1,'a model','bad.jpg',10,20,NULL,NULL,NULL,NULL,'The file is cut off.',NULL,NULL);
COMMIT;
PRAGMA user_version = 1;
